"""Store of the rate limiter state in Redis, for clients on several machines. Its clock is that of Redis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from airflow_provider_seventime.api.rate_limit.rate import RateState, Result
from airflow_provider_seventime.exceptions import ConfigError, TransportError

TIMEOUT_SECONDS = 5.0
# Of the clients that update the state in the same moment one succeeds with each attempt.
MAX_ATTEMPTS = 1000
# Time after the last turn at which Redis deletes the state.
EXPIRY_SECONDS = 1200

# Redis runs a script atomically: the state is replaced only if it is still the one that the change was computed from.
REPLACE = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""


class RedisRateStore:
    """Store for all clients that use the same key and the same Redis.

    It takes no lock in Redis, so that a process that dies blocks no other.

    :param url: ``redis://`` or ``rediss://`` URL.
    :param name: name of the rate limit.
    :raises ConfigError: the package ``redis`` is not installed, or the URL is invalid.
    """

    def __init__(self, url: str, name: str) -> None:
        try:
            import redis  # noqa: PLC0415 - an optional dependency, imported only if it is used
        except ImportError as error:
            raise ConfigError(
                "pacing: a rate limit in Redis needs the package redis. Install airflow-provider-seventime[redis]"
            ) from error
        self._redis_error: type[Exception] = redis.RedisError
        # Host and port, without the user name and password that the URL may hold.
        self._address = urlsplit(url).netloc.rpartition("@")[2]
        try:
            # Its connection pool may be shared by threads, and notices a fork.
            self._redis: Any = redis.Redis.from_url(
                url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
            )
        except ValueError as error:
            raise ConfigError(
                f"pacing: the Redis URL for {self._address} is invalid. Write one like 'redis://cache.example:6379/0'"
            ) from error
        self._key = f"seventime:rate:{name}"
        self._replace: Callable[..., Any] = self._redis.register_script(REPLACE)

    def update(self, change: Callable[[RateState | None, float], tuple[Result, RateState]]) -> Result:
        """Change the state while no other client does.

        :raises TransportError: Redis does not respond; the request must not be sent to the API.
        """
        try:
            for _ in range(MAX_ATTEMPTS):
                stored, now = self._read()
                result, state = change(RateState.unpack(stored), now)
                ahead_seconds = max(0.0, state.turn(state.next_ticket) - now)
                expiry_seconds = int(ahead_seconds) + EXPIRY_SECONDS
                if self._replace(keys=[self._key], args=[stored or b"", state.pack(), expiry_seconds]):
                    return result
        except self._redis_error as error:
            raise self._unavailable(type(error).__name__) from error
        raise self._unavailable(f"other clients changed the state during each of {MAX_ATTEMPTS} attempts")

    def _read(self) -> tuple[bytes | None, float]:
        with self._redis.pipeline(transaction=True) as pipeline:
            stored, (seconds, microseconds) = pipeline.get(self._key).time().execute()
        return stored, seconds + microseconds / 1e6

    def _unavailable(self, reason: str) -> TransportError:
        detail = f"the rate limit in Redis is not available ({reason}). No request is sent without it: check Redis"
        return TransportError("pacing", "Redis", self._address, detail, sent=False)
