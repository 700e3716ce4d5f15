"""Stores of the rate limiter state: of one process, and of all processes of a user on one machine."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable
from io import FileIO
from pathlib import Path

from airflow_provider_seventime.api.rate_limit.clock import Clock
from airflow_provider_seventime.api.rate_limit.rate import PACKING, RateState, Result
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.per_process import PerProcess


class ProcessRateStore:
    """Store in memory, for the threads of this process.

    :param clock: the machine's clock.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._state: RateState | None = None
        self._lock = PerProcess(threading.Lock)

    def update(self, change: Callable[[RateState | None, float], tuple[Result, RateState]]) -> Result:
        """Change the state while no other thread does."""
        with self._lock.value:
            result, self._state = change(self._state, self.clock.monotonic())
        return result


class MachineRateStore:
    """Store in a file, for all processes of this user on this machine.

    The kernel frees the file's lock when its holder dies. The monotonic clock is the same for all processes. The file
    is opened for each update: a lock belongs to what ``open`` returned, and so does not exclude threads or forked
    processes that share that.

    :param path: the file.
    :param clock: the machine's clock.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    def update(self, change: Callable[[RateState | None, float], tuple[Result, RateState]]) -> Result:
        """Change the state while no other process or thread does.

        :raises ConfigError: the file cannot be written.
        """
        try:
            with self._open() as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                stored = file.read(PACKING.size)
                result, state = change(RateState.unpack(stored), self._clock.monotonic())
                file.seek(0)
                file.write(state.pack())
        except OSError as error:
            raise ConfigError(
                f"pacing: the rate limit cannot be shared on this machine: {error}. Make that file writable, or set "
                "the extra pacing to 'process'"
            ) from error
        return result

    def _open(self) -> FileIO:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return FileIO(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
