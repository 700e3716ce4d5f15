"""Where the pace stands for one process, and for all processes of a user on one machine."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable
from io import FileIO
from pathlib import Path

from airflow_provider_seventime.api.http.clock import Clock
from airflow_provider_seventime.api.rate_limit.rate import FORM, Decided, RateState
from airflow_provider_seventime.exceptions import ConfigError


class ProcessRateStore:
    """Keeps the pace for the threads of this process.

    :param clock: the machine's clock.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._pace: RateState | None = None
        self._lock = threading.Lock()

    def change(self, decide: Callable[[RateState | None, float], tuple[Decided, RateState]]) -> Decided:
        """Change the pace while no other thread does."""
        with self._lock:
            decided, self._pace = decide(self._pace, self.clock.monotonic())
        return decided


class MachineRateStore:
    """Keeps the pace for every process of this user on this machine.

    It stands in a small file, changed under a lock that the kernel frees when its holder dies; the monotonic clock is
    the same for all processes. The file is opened anew for each change: the lock belongs to what ``open`` returned, so
    threads, and processes that were forked, must not share one.

    :param path: the file.
    :param clock: the machine's clock.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    def change(self, decide: Callable[[RateState | None, float], tuple[Decided, RateState]]) -> Decided:
        """Change the pace while nobody else on the machine does.

        :raises ConfigError: the file cannot be written.
        """
        try:
            with self._open() as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                kept = file.read(FORM.size)
                decided, pace = decide(RateState.unpack(kept), self._clock.monotonic())
                file.seek(0)
                file.write(pace.pack())
        except OSError as error:
            raise ConfigError(
                f"the budget of requests cannot be shared on this machine ({error}); make that writable, or set the "
                "extra pacing to 'process'"
            ) from error
        return decided

    def _open(self) -> FileIO:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return FileIO(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
