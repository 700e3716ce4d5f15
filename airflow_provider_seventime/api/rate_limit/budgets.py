"""Choice of a connection's rate limiter: by the extras ``pacing`` and ``requests_per_second``."""

from __future__ import annotations

import hashlib
import threading

from airflow_provider_seventime.api.rate_limit.clock import Clock, StopFlag, StoppableClock
from airflow_provider_seventime.api.rate_limit.private_folder import PrivateFolder, shared_folder
from airflow_provider_seventime.api.rate_limit.rate import SHARE_OF_LIMIT, RateLimiter
from airflow_provider_seventime.api.rate_limit.redis_store import RedisRateStore
from airflow_provider_seventime.api.rate_limit.stores import MachineRateStore, ProcessRateStore
from airflow_provider_seventime.api.settings import Settings
from airflow_provider_seventime.per_process import PerProcess

_process_stores: dict[tuple[str, type[Clock]], ProcessRateStore] = {}
_process_stores_lock = PerProcess(threading.Lock)


def interval_seconds(settings: Settings) -> float:
    """Return the seconds between two requests of a connection: a little more than its limit asks for."""
    return 1.0 / (settings.requests_per_second * SHARE_OF_LIMIT)


def shared_name(settings: Settings) -> str:
    """Return the name of what the clients of one key and host share."""
    return hashlib.sha256(f"seventime budget {settings.base_url} {settings.api_key}".encode()).hexdigest()[:24]


def rate_limiter_for(settings: Settings, clock: Clock, stop: StopFlag) -> RateLimiter:
    """Return a rate limiter for a client. Clients with the same key and host share one state.

    :param settings: the connection.
    :param clock: the machine's clock.
    :param stop: ends the waits of the client.
    :raises ConfigError: ``pacing`` is a Redis URL, and the package ``redis`` is missing or the URL is invalid; or it is
        ``machine``, and the machine has no folder for temporary files.
    """
    seconds = interval_seconds(settings)
    name = shared_name(settings)
    if settings.pacing == "machine":
        folder = PrivateFolder(shared_folder(), "the rate limit")
        return RateLimiter(MachineRateStore(folder, name, clock), seconds, StoppableClock(clock, stop))
    if settings.pacing != "process":
        return RateLimiter(RedisRateStore(settings.pacing, name), seconds, StoppableClock(clock, stop))
    with _process_stores_lock.value:
        # Clocks of different types are not comparable: a test's clock gets a store of its own.
        store = _process_stores.setdefault((name, type(clock)), ProcessRateStore(clock))
    # All clients of a store wait by its clock.
    return RateLimiter(store, seconds, StoppableClock(store.clock, stop))
