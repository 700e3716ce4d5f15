"""Which budget a connection's requests come out of."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from pathlib import Path

from airflow_provider_seventime.api.http.clock import Clock
from airflow_provider_seventime.api.rate_limit.rate import SHARE_OF_LIMIT, RateLimiter
from airflow_provider_seventime.api.rate_limit.redis_store import RedisRateStore
from airflow_provider_seventime.api.rate_limit.stores import MachineRateStore, ProcessRateStore
from airflow_provider_seventime.api.settings import Settings

_process_keepers: dict[tuple[str, type[Clock]], ProcessRateStore] = {}
_process_keepers_lock = threading.Lock()


def interval_seconds(settings: Settings) -> float:
    """Return the spacing of a connection's requests: a little wider than its limit asks for."""
    return 1.0 / (settings.requests_per_second * SHARE_OF_LIMIT)


def rate_limiter_for(settings: Settings, clock: Clock) -> RateLimiter:
    """Return a client's share of the budget of its key; clients of the same key share it, whatever rate each asks for.

    :param settings: the connection.
    :param clock: the machine's clock.
    :raises ConfigError: the budget is kept in Redis, and the package for it is missing or the URL is wrong.
    """
    spacing_seconds = interval_seconds(settings)
    name = hashlib.sha256(f"seventime budget {settings.base_url} {settings.api_key}".encode()).hexdigest()[:24]
    if settings.pacing == "machine":
        folder = Path(tempfile.gettempdir()) / f"seventime-pacing-{os.getuid()}"
        return RateLimiter(MachineRateStore(folder / name, clock), spacing_seconds, clock)
    if settings.pacing != "process":
        return RateLimiter(RedisRateStore(settings.pacing, name), spacing_seconds, clock)
    with _process_keepers_lock:
        # The turns of a test's clock mean nothing by the machine's.
        keeper = _process_keepers.setdefault((name, type(clock)), ProcessRateStore(clock))
    # Turns are times of one clock, so all who share them wait by it.
    return RateLimiter(keeper, spacing_seconds, keeper.clock)
