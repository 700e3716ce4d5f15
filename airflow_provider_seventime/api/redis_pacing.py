"""A budget shared by a fleet: the pace stands in Redis, and goes by Redis's clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from airflow_provider_seventime.api.clock import Clock
from airflow_provider_seventime.api.pacing import FURTHEST_SLOT_SECONDS, SLOW_FACTOR, SLOW_SECONDS
from airflow_provider_seventime.exceptions import ConfigError, TransportError

ANSWER_WITHIN_SECONDS = 5.0

# Both scripts are Pace.reserve and Pace.slowed where Redis can run them undisturbed by others.
RESERVE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local pace = redis.call('HMGET', KEYS[1], 'next_slot', 'slow_until')
local next_slot, slow_until = tonumber(pace[1]) or 0, tonumber(pace[2]) or 0
local interval, factor, furthest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if next_slot - now >= furthest then next_slot, slow_until = 0, 0 end
local slot = math.max(now, next_slot)
if slot < slow_until then interval = interval * factor end
redis.call('HSET', KEYS[1], 'next_slot', string.format('%.6f', slot + interval),
           'slow_until', string.format('%.6f', slow_until))
redis.call('EXPIRE', KEYS[1], 2 * furthest)
return string.format('%.6f', slot - now)
"""
SLOW_DOWN = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local resume = now + tonumber(ARGV[1])
local next_slot = tonumber(redis.call('HGET', KEYS[1], 'next_slot')) or 0
redis.call('HSET', KEYS[1], 'next_slot', string.format('%.6f', math.max(next_slot, resume)),
           'slow_until', string.format('%.6f', resume + tonumber(ARGV[2])))
redis.call('EXPIRE', KEYS[1], 2 * tonumber(ARGV[3]))
"""


class RedisBudget:
    """A budget shared by everyone who uses the same key and the same Redis.

    Each slot is reserved by one script, so a process that dies holds nothing, and no two clocks are compared.

    :param url: ``redis://`` or ``rediss://`` URL.
    :param name: name of the budget.
    :param interval_seconds: spacing of requests.
    :param clock: what waiting goes by.
    :raises ConfigError: the package ``redis`` is not installed, or the URL is none of Redis's.
    """

    def __init__(self, url: str, name: str, interval_seconds: float, clock: Clock) -> None:
        try:
            import redis  # noqa: PLC0415 - an extra, loaded only where it is asked for
        except ImportError as error:
            raise ConfigError(
                "pacing: a budget in Redis needs the package redis; install airflow-provider-seventime[redis]"
            ) from error
        self._failure: type[Exception] = redis.RedisError
        # Without the user name and password that the URL may hold.
        self._place = urlsplit(url).netloc.rpartition("@")[2]
        try:
            store = redis.Redis.from_url(
                url, socket_timeout=ANSWER_WITHIN_SECONDS, socket_connect_timeout=ANSWER_WITHIN_SECONDS
            )
        except ValueError as error:
            raise ConfigError(f"pacing: the Redis URL for {self._place} cannot be read") from error
        self._key = f"seventime:budget:{name}"
        self._interval_seconds = interval_seconds
        self._clock = clock
        self._reserve: Callable[..., Any] = store.register_script(RESERVE)
        self._slow_down: Callable[..., Any] = store.register_script(SLOW_DOWN)

    def acquire(self) -> float:
        """Wait for the next slot; return the seconds waited.

        :raises TransportError: Redis does not answer; nothing was sent to the API.
        """
        slot = self._run(self._reserve, self._interval_seconds, SLOW_FACTOR, FURTHEST_SLOT_SECONDS)
        wait_seconds = float(slot)
        if wait_seconds > 0:
            self._clock.sleep(wait_seconds)
        return wait_seconds

    def slow_down(self, pause_seconds: float) -> None:
        """Pause, then keep a wider spacing for a while, for everyone.

        :raises TransportError: Redis does not answer.
        """
        self._run(self._slow_down, pause_seconds, SLOW_SECONDS, FURTHEST_SLOT_SECONDS)

    def _run(self, script: Callable[..., Any], *arguments: float) -> Any:
        try:
            return script(keys=[self._key], args=[f"{argument:.6f}" for argument in arguments])
        except self._failure as error:
            detail = f"the budget of requests is kept there, and nothing is sent without it ({type(error).__name__})"
            raise TransportError("pacing", "Redis", self._place, detail, sent=False) from error
