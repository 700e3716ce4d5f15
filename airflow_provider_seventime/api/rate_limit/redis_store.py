"""Store of the rate limiter state in Redis, for clients on several machines. Its clock is that of Redis."""

from __future__ import annotations

from collections.abc import Callable

from airflow_provider_seventime.api.rate_limit.rate import RateState, Result
from airflow_provider_seventime.api.rate_limit.redis_values import MAX_ATTEMPTS, RedisValues

# Time after the last turn at which Redis deletes the state.
EXPIRY_SECONDS = 1200


class RedisRateStore:
    """Store for all clients that use the same key and the same Redis.

    :param url: ``redis://`` or ``rediss://`` URL.
    :param name: name of the rate limit.
    :raises ConfigError: the package ``redis`` is not installed, or the URL is invalid.
    """

    def __init__(self, url: str, name: str) -> None:
        self._values = RedisValues(url, "the rate limit")
        self._key = f"seventime:rate:{name}"

    def update(self, change: Callable[[RateState | None, float], tuple[Result, RateState]]) -> Result:
        """Change the state while no other client does.

        :raises TransportError: Redis does not respond; the request must not be sent to the API.
        """
        for _ in range(MAX_ATTEMPTS):
            stored, now = self._values.read(self._key)
            result, state = change(RateState.unpack(stored), now)
            ahead_seconds = max(0.0, state.turn(state.next_ticket) - now)
            if self._values.replace(self._key, stored, state.pack(), int(ahead_seconds) + EXPIRY_SECONDS):
                return result
        raise self._values.contended()
