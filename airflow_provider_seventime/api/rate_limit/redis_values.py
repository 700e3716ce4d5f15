"""Values in Redis that clients on several machines change atomically, by the clock of Redis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from airflow_provider_seventime.exceptions import ConfigError, TransportError

TIMEOUT_SECONDS = 5.0
# Of the clients that change a value in the same moment one succeeds with each attempt.
MAX_ATTEMPTS = 1000

# Redis runs a script atomically: the value is replaced only if it is still the one that the change was computed from.
REPLACE = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""


class RedisValues:
    """Values in one Redis. It takes no lock there, so that a process that dies blocks no other.

    :param url: ``redis://`` or ``rediss://`` URL.
    :param purpose: what the values are, for error messages, for example ``the rate limit``.
    :raises ConfigError: the package ``redis`` is not installed, or the URL is invalid.
    """

    def __init__(self, url: str, purpose: str) -> None:
        try:
            import redis  # noqa: PLC0415 - an optional dependency, imported only if it is used
        except ImportError as error:
            raise ConfigError(
                "pacing: a rate limit in Redis needs the package redis. Install airflow-provider-seventime[redis]"
            ) from error
        self._redis_error: type[Exception] = redis.RedisError
        self._purpose = purpose
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
        self._replace: Callable[..., Any] = self._redis.register_script(REPLACE)

    def read(self, key: str) -> tuple[bytes | None, float]:
        """Return a value, or None if there is none, and the time of Redis in seconds.

        :raises TransportError: Redis does not respond; nothing may be sent to the API.
        """
        try:
            with self._redis.pipeline(transaction=True) as pipeline:
                stored, (seconds, microseconds) = pipeline.get(key).time().execute()
        except self._redis_error as error:
            # The frames that the error passed hold the password of the URL.
            raise self._unavailable(type(error).__name__) from error.with_traceback(None)
        return stored, seconds + microseconds / 1e6

    def replace(self, key: str, stored: bytes | None, value: bytes, expiry_seconds: int) -> bool:
        """Replace a value, and return False if another client has replaced it since it was read.

        :param key: name of the value.
        :param stored: the value as it was read.
        :param value: the new value.
        :param expiry_seconds: time after which Redis deletes it.
        :raises TransportError: Redis does not respond; nothing may be sent to the API.
        """
        try:
            return bool(self._replace(keys=[key], args=[stored or b"", value, expiry_seconds]))
        except self._redis_error as error:
            # The frames that the error passed hold the password of the URL.
            raise self._unavailable(type(error).__name__) from error.with_traceback(None)

    def contended(self) -> TransportError:
        """Return the error for a value that other clients changed during each of many attempts."""
        return self._unavailable(f"other clients changed it during each of {MAX_ATTEMPTS} attempts")

    def _unavailable(self, reason: str) -> TransportError:
        detail = f"{self._purpose} in Redis is not available ({reason}). No request is sent without it: check Redis"
        return TransportError("pacing", "Redis", self._address, detail, sent=False)
