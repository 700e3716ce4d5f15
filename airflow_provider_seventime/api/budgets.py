"""Which budget a connection's requests come out of."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from pathlib import Path

from airflow_provider_seventime.api.clock import Clock
from airflow_provider_seventime.api.pace_keepers import MachineKeeper, ProcessKeeper
from airflow_provider_seventime.api.pacing import SHARE_OF_LIMIT, Budget
from airflow_provider_seventime.api.redis_pacing import RedisKeeper
from airflow_provider_seventime.api.settings import Settings

_process_keepers: dict[tuple[str, type[Clock]], ProcessKeeper] = {}
_process_keepers_lock = threading.Lock()


def interval_seconds(settings: Settings) -> float:
    """Return the spacing of a connection's requests: a little wider than its limit asks for."""
    return 1.0 / (settings.requests_per_second * SHARE_OF_LIMIT)


def budget_for(settings: Settings, clock: Clock) -> Budget:
    """Return a client's share of the budget of its key; clients of the same key share it, whatever rate each asks for.

    :param settings: the connection.
    :param clock: the machine's clock.
    :raises ConfigError: the budget is kept in Redis, and the package for it is missing or the URL is wrong.
    """
    spacing_seconds = interval_seconds(settings)
    name = hashlib.sha256(f"seventime budget {settings.base_url} {settings.api_key}".encode()).hexdigest()[:24]
    if settings.pacing == "machine":
        folder = Path(tempfile.gettempdir()) / f"seventime-pacing-{os.getuid()}"
        return Budget(MachineKeeper(folder / name, clock), spacing_seconds, clock)
    if settings.pacing != "process":
        return Budget(RedisKeeper(settings.pacing, name), spacing_seconds, clock)
    with _process_keepers_lock:
        # The turns of a test's clock mean nothing by the machine's.
        keeper = _process_keepers.setdefault((name, type(clock)), ProcessKeeper(clock))
    # Turns are times of one clock, so all who share them wait by it.
    return Budget(keeper, spacing_seconds, keeper.clock)
