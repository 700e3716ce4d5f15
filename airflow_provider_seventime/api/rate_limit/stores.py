"""Stores of the rate limiter state: of one process, and of all processes of a user on one machine."""

from __future__ import annotations

import threading
from collections.abc import Callable

from airflow_provider_seventime.api.rate_limit.clock import Clock
from airflow_provider_seventime.api.rate_limit.private_folder import PrivateFolder
from airflow_provider_seventime.api.rate_limit.rate import PACKING, RateState, Result
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
    """Store in a file, for all processes of this user on this machine, which have the same monotonic clock.

    :param folder: folder of the file.
    :param name: name of the file.
    :param clock: the machine's clock.
    """

    def __init__(self, folder: PrivateFolder, name: str, clock: Clock) -> None:
        self._folder = folder
        self._name = name
        self._clock = clock

    def update(self, change: Callable[[RateState | None, float], tuple[Result, RateState]]) -> Result:
        """Change the state while no other process or thread does.

        :raises ConfigError: the file cannot be used.
        :raises TransportError: it cannot be used for now, for example on a full disk; nothing may be sent.
        """
        with self._folder.locked(self._name) as file:
            stored = file.read()
            result, state = change(RateState.unpack(stored), self._clock.monotonic())
            file.seek(0)
            file.write(state.pack())
            if len(stored) > PACKING.size:
                file.truncate()
        return result
