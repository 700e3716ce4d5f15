"""Rate limit in Redis, tested against a real Redis if this machine has one."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from airflow_provider_seventime.api.check import check_connection
from airflow_provider_seventime.api.rate_limit.budgets import rate_limiter_for
from airflow_provider_seventime.api.rate_limit.clock import StopFlag, SystemClock
from airflow_provider_seventime.api.rate_limit.rate import RateLimiter, RateState
from airflow_provider_seventime.api.rate_limit.redis_store import EXPIRY_SECONDS, RedisRateStore
from airflow_provider_seventime.exceptions import ConfigError, TransportError

redis = pytest.importorskip("redis", reason="the package redis is not installed: the extra 'redis' brings it")
URL = "redis://127.0.0.1:6379/0"


@pytest.fixture
def redis_client():
    with redis.Redis.from_url(URL, socket_connect_timeout=1) as opened:
        try:
            opened.ping()
        except redis.RedisError:
            pytest.skip("no Redis answers on 127.0.0.1:6379")
        yield opened


@pytest.fixture
def name(redis_client):
    chosen = f"test-{uuid.uuid4().hex}"
    yield chosen
    redis_client.delete(f"seventime:rate:{chosen}")


@pytest.fixture
def put_state(redis_client, name):
    """Put a state into Redis, whose times are as far from Redis's present as given."""

    def put(recovered=1000.0, **seconds_ahead):
        seconds, microseconds = redis_client.time()
        now = seconds + microseconds / 1e6
        times = {part: now + ahead for part, ahead in seconds_ahead.items()}
        state = replace(RateState.initial(now, 0.05), recovered=recovered, **times)
        redis_client.set(f"seventime:rate:{name}", state.pack())

    return put


@pytest.fixture
def make_rate_limiter(name):
    return lambda interval_seconds: RateLimiter(RedisRateStore(URL, name), interval_seconds, SystemClock())


def planned_seconds(rate_limiter):
    """Take a turn and return how long its wait was to be: a busy machine makes it longer."""
    turn = rate_limiter.acquire_turn()
    return turn.waited_seconds - turn.late_seconds


def test_turns_are_evenly_spaced_over_all_clients(make_rate_limiter, put_state):
    put_state()
    rate_limiters = [make_rate_limiter(0.05) for _ in range(2)]
    begin = time.monotonic()
    waits = [planned_seconds(rate_limiters[number % 2]) for number in range(7)]

    assert waits[0] < 0.05
    assert time.monotonic() - begin >= 6 * 0.05 - 0.01


def test_threads_share_one_keeper(make_rate_limiter, put_state):
    put_state()
    rate_limiter = make_rate_limiter(0.02)
    together = threading.Barrier(8)

    def ask(_):
        together.wait(5)
        return [rate_limiter.acquire() for _ in range(3)]

    begin = time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        waits = [wait for asked in threads.map(ask, range(8)) for wait in asked]

    assert len(waits) == 24
    assert time.monotonic() - begin >= 23 * 0.02 - 0.01


def test_another_key_has_a_rate_limit_of_its_own(redis_client, make_settings, clock):
    rate_limiters = [
        rate_limiter_for(make_settings(pacing=URL, requests_per_second=0.1), clock, StopFlag()) for _ in range(2)
    ]

    assert [rate_limiter.acquire() for rate_limiter in rate_limiters] == [0, 0]


def test_a_429_pauses_and_slows_waiting_requests(make_rate_limiter, put_state):
    put_state()
    one, other = make_rate_limiter(0.1), make_rate_limiter(0.1)
    one.acquire()
    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(other.acquire) for _ in range(2)]
        time.sleep(0.03)
        one.slow_down(0.4)
        waits = sorted(wait.result(timeout=5) for wait in waiting)

    assert 0.4 <= waits[0] < 0.55
    assert waits[1] - waits[0] >= 0.15


def test_a_turn_beyond_any_queue_is_ignored(make_rate_limiter, put_state, clock):
    put_state(base_time=10_000)

    assert planned_seconds(make_rate_limiter(0.05)) < 0.05


def test_a_redis_whose_clock_jumped_back_delays_no_request(make_rate_limiter, put_state):
    # The state was written an hour ahead of Redis's clock: the next turn stays 0.2 s ahead.
    put_state(base_time=3600.2, updated_at=3600.0)

    assert 0.1 < planned_seconds(make_rate_limiter(0.05)) < 2


def test_after_redis_clock_jumped_ahead_the_first_turn_is_at_once(make_rate_limiter, put_state):
    put_state(base_time=-3600, updated_at=-3600)
    rate_limiter = make_rate_limiter(0.5)

    assert planned_seconds(rate_limiter) < 0.05
    assert planned_seconds(rate_limiter) > 0.03


def test_a_redis_that_lost_the_state_delays_no_request(redis_client, name, make_rate_limiter):
    rate_limiter = make_rate_limiter(0.3)
    rate_limiter.acquire()
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(rate_limiter.acquire)
        time.sleep(0.05)
        redis_client.delete(f"seventime:rate:{name}")
        assert waiting.result(timeout=5) < 0.6


def test_an_invalid_state_is_replaced(redis_client, name, make_rate_limiter):
    redis_client.set(f"seventime:rate:{name}", b"nonsense")

    assert planned_seconds(make_rate_limiter(0.05)) < 0.05
    assert RateState.unpack(redis_client.get(f"seventime:rate:{name}")) is not None


def test_the_state_expires(redis_client, name, make_rate_limiter):
    make_rate_limiter(0.05).acquire()

    assert 0 < redis_client.ttl(f"seventime:rate:{name}") <= EXPIRY_SECONDS


PROCESS = """
import sys, time
from airflow_provider_seventime.api.rate_limit.clock import SystemClock
from airflow_provider_seventime.api.rate_limit.rate import RateLimiter
from airflow_provider_seventime.api.rate_limit.redis_store import RedisRateStore
rate_limiter = RateLimiter(RedisRateStore(sys.argv[1], sys.argv[2]), 0.02, SystemClock())
for _ in range(10):
    rate_limiter.acquire()
    print(time.time())
"""


def test_processes_share_one_state(name):
    command = [sys.executable, "-c", PROCESS, URL, name]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    left = sorted(float(line) for process in started for line in process.communicate(timeout=60)[0].split())

    assert len(left) == 30
    # However the three interleave, their turns are 0.02 s apart; the first may be a little late.
    assert left[-1] - left[0] >= 28 * 0.02


def test_without_redis_no_request_is_sent(make_client, api):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        client = make_client(pacing=f"redis://user:pass-word@127.0.0.1:{unused.getsockname()[1]}/0")
        with pytest.raises(TransportError, match="No request is sent without it") as caught:
            client.get("companyInformation")

    assert (caught.value.fault, caught.value.sent) == ("pacing", False)
    assert "pass-word" not in str(caught.value)
    assert api.requests == []


def test_an_update_that_never_succeeds_is_an_error(redis_client, name):
    store = RedisRateStore(URL, name)

    def another_client_is_faster(state, now):
        redis_client.set(f"seventime:rate:{name}", RateState.initial(now, 1.0).pack())
        return None, RateState.initial(now, 2.0)

    with pytest.raises(TransportError, match="other clients changed it during each of 1000 attempts"):
        store.update(another_client_is_faster)


def test_the_connection_test_names_redis(make_client, api):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        client = make_client(pacing=f"redis://127.0.0.1:{unused.getsockname()[1]}/0", attempts=1)

        works, sentence = check_connection(client)

    assert not works
    assert "the fault is with the shared rate limit" in sentence


def test_an_invalid_url_is_refused_without_its_password():
    with pytest.raises(ConfigError, match="the Redis URL for cache:6379 is invalid") as caught:
        RedisRateStore("redis://user:pass-word@cache:6379/0?socket_timeout=soon", "name")
    assert "pass-word" not in str(caught.value)


def test_the_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(ConfigError, match=r"Install airflow-provider-seventime\[redis\]"):
        RedisRateStore(URL, "name")
