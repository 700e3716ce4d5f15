"""Where the pace stands for a fleet: in Redis, by Redis's clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from airflow_provider_seventime.api.rate_limit.rate import Decided, RateState
from airflow_provider_seventime.exceptions import ConfigError, TransportError

ANSWER_WITHIN_SECONDS = 5.0
# Of those who ask in the same moment one succeeds with each attempt.
ATTEMPTS = 1000
# How long a pace is kept after the last turn that was given.
KEPT_SECONDS = 1200

# Redis runs a script undisturbed by others: the pace is replaced only if it is still what the decision was made on.
REPLACE = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""


class RedisRateStore:
    """Keeps the pace for everyone who uses the same key and the same Redis.

    Nothing is locked in Redis, so a process that dies holds nothing, and only Redis's own clock is asked.

    :param url: ``redis://`` or ``rediss://`` URL.
    :param name: name of the budget.
    :raises ConfigError: the package ``redis`` is not installed, or the URL is none of Redis's.
    """

    def __init__(self, url: str, name: str) -> None:
        try:
            import redis  # noqa: PLC0415 - an extra, loaded only where it is asked for
        except ImportError as error:
            raise ConfigError(
                "pacing: a rate limit in Redis needs the package redis. Install airflow-provider-seventime[redis]"
            ) from error
        self._failure: type[Exception] = redis.RedisError
        # Without the user name and password that the URL may hold.
        self._place = urlsplit(url).netloc.rpartition("@")[2]
        try:
            # It has a pool of connections, which threads may share and which notices a fork.
            self._store: Any = redis.Redis.from_url(
                url, socket_timeout=ANSWER_WITHIN_SECONDS, socket_connect_timeout=ANSWER_WITHIN_SECONDS
            )
        except ValueError as error:
            raise ConfigError(f"pacing: the Redis URL for {self._place} cannot be read") from error
        self._key = f"seventime:pace:{name}"
        self._replace: Callable[..., Any] = self._store.register_script(REPLACE)

    def change(self, decide: Callable[[RateState | None, float], tuple[Decided, RateState]]) -> Decided:
        """Change the pace while nobody else does.

        :raises TransportError: Redis does not answer; nothing may be sent to the API.
        """
        try:
            for _ in range(ATTEMPTS):
                kept, now = self._read()
                decided, pace = decide(RateState.unpack(kept), now)
                ahead_seconds = max(0.0, pace.turn(pace.next_ticket) - now)
                kept_seconds = int(ahead_seconds) + KEPT_SECONDS
                if self._replace(keys=[self._key], args=[kept or b"", pace.pack(), kept_seconds]):
                    return decided
        except self._failure as error:
            raise self._unusable(type(error).__name__) from error
        raise self._unusable(f"others changed it during each of {ATTEMPTS} attempts")

    def _read(self) -> tuple[bytes | None, float]:
        with self._store.pipeline(transaction=True) as together:
            kept, (seconds, microseconds) = together.get(self._key).time().execute()
        return kept, seconds + microseconds / 1e6

    def _unusable(self, reason: str) -> TransportError:
        detail = f"the budget of requests is kept there, and nothing is sent without it ({reason})"
        return TransportError("pacing", "Redis", self._place, detail, sent=False)
