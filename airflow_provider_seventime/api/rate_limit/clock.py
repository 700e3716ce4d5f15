"""Clocks: the machine's, one that tests pass and that does not wait, and one that a stop flag interrupts."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

from airflow_provider_seventime.exceptions import StoppedError

# A stopped task raises an error this soon. Airflow kills it five seconds after it asked it to end.
STOP_CHECK_SECONDS = 0.5


class Clock(Protocol):
    """A monotonic clock that can sleep."""

    def monotonic(self) -> float:
        """Return seconds since a fixed moment, the same one for all processes of a machine."""

    def sleep(self, seconds: float) -> None:
        """Wait for a number of seconds."""


class SystemClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        """Return the machine's monotonic time in seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for a number of seconds."""
        time.sleep(seconds)


class StopFlag:
    """Flag of one client: once set, the client sends nothing more.

    It is a plain attribute. A signal handler sets it, and the lock of a ``threading.Event`` may be held by the thread
    that the handler interrupts.

    :ivar is_set: True once the client is stopped.
    """

    __slots__ = ("is_set",)

    def __init__(self) -> None:
        self.is_set = False

    def set(self) -> None:
        """Stop the client."""
        self.is_set = True

    def check(self) -> None:
        """Raise an error if the client is stopped.

        :raises StoppedError: the flag is set.
        """
        if self.is_set:
            raise StoppedError


class StoppableClock:
    """Clock whose waits end when a client is stopped.

    :param clock: the clock that waits. The machine's clock waits in steps of half a second, because a signal does not
        end a wait; another clock waits in one step.
    :param stop: the client's flag.
    """

    def __init__(self, clock: Clock, stop: StopFlag) -> None:
        self._clock = clock
        self._stop = stop
        self._longest_seconds = STOP_CHECK_SECONDS if isinstance(clock, SystemClock) else None

    def monotonic(self) -> float:
        """Return the clock's time in seconds."""
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for a number of seconds.

        :raises StoppedError: the client is stopped before or during the wait.
        """
        self._stop.check()
        if self._longest_seconds is None:
            self._clock.sleep(seconds)
            self._stop.check()
            return
        ends_at = self._clock.monotonic() + seconds
        left_seconds = seconds
        while left_seconds > 0:
            self._clock.sleep(min(left_seconds, self._longest_seconds))
            self._stop.check()
            left_seconds = ends_at - self._clock.monotonic()


@dataclass(frozen=True, slots=True)
class SendWindow:
    """Time in which a request may be sent.

    :param clock: clock of the time.
    :param ends_at: its end, in seconds of the clock.
    """

    clock: Clock
    ends_at: float

    @property
    def is_open(self) -> bool:
        """True until its end."""
        return self.clock.monotonic() <= self.ends_at
