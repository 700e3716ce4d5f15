"""The budget of requests per second: a property of the key, shared by a process, a machine or a fleet.

Requests are spaced evenly, a little under the limit: a window that slides over the arrivals rejects at exactly the
limit because arrival times jitter.
"""

from __future__ import annotations

import fcntl
import os
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Protocol

from airflow_provider_seventime.api.clock import Clock
from airflow_provider_seventime.exceptions import ConfigError

SHARE_OF_LIMIT = 0.95
SLOW_FACTOR = 2.0
SLOW_SECONDS = 10.0
# A slot further ahead than any queue is left over from before a restart of the machine, when the clock began anew.
FURTHEST_SLOT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Where a budget stands, in seconds of the monotonic clock.

    :param next_slot: when the next request may leave.
    :param slow_until: until when the spacing is wider, because the API rejected a request.
    """

    next_slot: float = 0.0
    slow_until: float = 0.0

    def reserve(self, now: float, interval_seconds: float) -> tuple[float, Pace]:
        """Take the next slot; return the seconds to wait for it and where the budget stands then."""
        known = self if self.next_slot - now < FURTHEST_SLOT_SECONDS else Pace()
        slot = max(now, known.next_slot)
        spacing = interval_seconds * (SLOW_FACTOR if slot < known.slow_until else 1.0)
        return slot - now, Pace(slot + spacing, known.slow_until)

    def slowed(self, now: float, pause_seconds: float) -> Pace:
        """Return the pace after a rejection: a pause, then wider spacing for a while."""
        resume = now + pause_seconds
        return Pace(max(self.next_slot, resume), resume + SLOW_SECONDS)


class Budget(Protocol):
    """A budget of requests."""

    def acquire(self) -> float:
        """Wait for the next slot; return the seconds waited."""

    def slow_down(self, pause_seconds: float) -> None:
        """Take note of a rejection: nobody asks for that long, and then more slowly for a while."""


class ProcessBudget:
    """A budget shared by the threads of this process."""

    def __init__(self, interval_seconds: float, clock: Clock) -> None:
        self._interval_seconds = interval_seconds
        self._clock = clock
        self._pace = Pace()
        self._lock = threading.Lock()

    def acquire(self) -> float:
        """Wait for the next slot; return the seconds waited."""
        with self._lock:
            wait_seconds, self._pace = self._pace.reserve(self._clock.monotonic(), self._interval_seconds)
        if wait_seconds > 0:
            self._clock.sleep(wait_seconds)
        return wait_seconds

    def slow_down(self, pause_seconds: float) -> None:
        """Pause, then keep a wider spacing for a while."""
        with self._lock:
            self._pace = self._pace.slowed(self._clock.monotonic(), pause_seconds)


class MachineBudget:
    """A budget shared by every process of this user on this machine.

    The pace stands in a small file, changed under a lock that the kernel frees when its holder dies; the monotonic
    clock is the same for all processes.

    :param path: the file.
    :param interval_seconds: spacing of requests.
    :param clock: the machine's clock.
    """

    def __init__(self, path: Path, interval_seconds: float, clock: Clock) -> None:
        self._path = path
        self._interval_seconds = interval_seconds
        self._clock = clock

    def acquire(self) -> float:
        """Wait for the next slot; return the seconds waited."""
        wait_seconds = self._change(lambda pace: pace.reserve(self._clock.monotonic(), self._interval_seconds))
        if wait_seconds > 0:
            self._clock.sleep(wait_seconds)
        return wait_seconds

    def slow_down(self, pause_seconds: float) -> None:
        """Pause, then keep a wider spacing for a while, for every process."""
        self._change(lambda pace: (0.0, pace.slowed(self._clock.monotonic(), pause_seconds)))

    def _change(self, change: Callable[[Pace], tuple[float, Pace]]) -> float:
        with self._open() as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            stored = file.read(PACE_FORM.size)
            pace = Pace(*PACE_FORM.unpack(stored)) if len(stored) == PACE_FORM.size else Pace()
            result, changed = change(pace)
            file.seek(0)
            file.write(PACE_FORM.pack(changed.next_slot, changed.slow_until))
        return result

    def _open(self) -> FileIO:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return FileIO(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
        except OSError as error:
            raise ConfigError(
                f"the budget of requests cannot be shared on this machine ({error}); make that writable, or set the "
                "extra pacing to 'process'"
            ) from error


PACE_FORM = struct.Struct("<dd")
