"""The budget of a fleet, against a real Redis where this machine has one."""

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
from airflow_provider_seventime.api.http.clock import SystemClock
from airflow_provider_seventime.api.rate_limit.budgets import rate_limiter_for
from airflow_provider_seventime.api.rate_limit.rate import RateLimiter, RateState
from airflow_provider_seventime.api.rate_limit.redis_store import KEPT_SECONDS, RedisRateStore
from airflow_provider_seventime.exceptions import ConfigError, TransportError

redis = pytest.importorskip("redis", reason="the package redis is not installed: the extra 'redis' brings it")
URL = "redis://127.0.0.1:6379/0"


@pytest.fixture
def store():
    with redis.Redis.from_url(URL, socket_connect_timeout=1) as opened:
        try:
            opened.ping()
        except redis.RedisError:
            pytest.skip("no Redis answers on 127.0.0.1:6379")
        yield opened


@pytest.fixture
def name(store):
    chosen = f"test-{uuid.uuid4().hex}"
    yield chosen
    store.delete(f"seventime:pace:{chosen}")


@pytest.fixture
def kept(store, name):
    """Put a pace where the budget is kept, as far from Redis's present as given."""

    def put(recovered=1000.0, **seconds_ahead):
        seconds, microseconds = store.time()
        now = seconds + microseconds / 1e6
        times = {part: now + ahead for part, ahead in seconds_ahead.items()}
        pace = replace(RateState.fresh(now, 0.05), recovered=recovered, **times)
        store.set(f"seventime:pace:{name}", pace.pack())

    return put


@pytest.fixture
def make_budget(name):
    return lambda interval_seconds: RateLimiter(RedisRateStore(URL, name), interval_seconds, SystemClock())


def test_turns_are_spaced_evenly_over_all_who_share(make_budget, kept):
    kept()
    budgets = [make_budget(0.05) for _ in range(2)]
    begin = time.monotonic()
    waits = [budgets[number % 2].acquire() for number in range(7)]

    assert waits[0] < 0.05
    assert time.monotonic() - begin >= 6 * 0.05 - 0.01


def test_threads_share_one_keeper(make_budget, kept):
    kept()
    budget = make_budget(0.02)
    together = threading.Barrier(8)

    def ask(_):
        together.wait(5)
        return [budget.acquire() for _ in range(3)]

    begin = time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        waits = [wait for asked in threads.map(ask, range(8)) for wait in asked]

    assert len(waits) == 24
    assert time.monotonic() - begin >= 23 * 0.02 - 0.01


def test_another_key_has_a_budget_of_its_own(store, make_settings, clock):
    budgets = [rate_limiter_for(make_settings(pacing=URL, requests_per_second=0.1), clock) for _ in range(2)]

    assert [budget.acquire() for budget in budgets] == [0, 0]


def test_a_rejection_pauses_and_slows_those_who_wait_already(make_budget, kept):
    kept()
    one, other = make_budget(0.1), make_budget(0.1)
    one.acquire()
    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(other.acquire) for _ in range(2)]
        time.sleep(0.03)
        one.slow_down(0.4)
        waits = sorted(wait.result(timeout=5) for wait in waiting)

    assert 0.4 <= waits[0] < 0.55
    assert waits[1] - waits[0] >= 0.15


def test_a_turn_beyond_any_queue_is_not_waited_for(make_budget, kept, clock):
    kept(anchor_turn=10_000)

    assert make_budget(0.05).acquire() < 0.05


def test_a_redis_whose_clock_jumped_back_holds_nobody_up(make_budget, kept):
    # An hour ago by Redis's clock of today: the last turn was then, and the next is as far ahead as it was.
    kept(anchor_turn=3600.2, seen_at=3600.0)

    assert make_budget(0.05).acquire() == pytest.approx(0.2, abs=0.1)


def test_a_redis_whose_clock_jumped_ahead_serves_at_once(make_budget, kept):
    kept(anchor_turn=-3600, seen_at=-3600)
    budget = make_budget(0.05)

    assert budget.acquire() < 0.05
    assert budget.acquire() > 0.03


def test_a_redis_that_lost_the_pace_holds_nobody_up(store, name, make_budget):
    budget = make_budget(0.3)
    budget.acquire()
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(budget.acquire)
        time.sleep(0.05)
        store.delete(f"seventime:pace:{name}")
        assert waiting.result(timeout=5) < 0.6


def test_what_is_kept_there_and_makes_no_sense_is_replaced(store, name, make_budget):
    store.set(f"seventime:pace:{name}", b"nonsense")

    assert make_budget(0.05).acquire() < 0.05
    assert RateState.unpack(store.get(f"seventime:pace:{name}")) is not None


def test_the_budget_is_forgotten_when_nobody_uses_it(store, name, make_budget):
    make_budget(0.05).acquire()

    assert 0 < store.ttl(f"seventime:pace:{name}") <= KEPT_SECONDS


PROCESS = """
import sys, time
from airflow_provider_seventime.api.http.clock import SystemClock
from airflow_provider_seventime.api.rate_limit.rate import RateLimiter
from airflow_provider_seventime.api.rate_limit.redis_store import RedisRateStore
budget = RateLimiter(RedisRateStore(sys.argv[1], sys.argv[2]), 0.02, SystemClock())
for _ in range(10):
    budget.acquire()
    print(time.time())
"""


def test_processes_share_it(name):
    command = [sys.executable, "-c", PROCESS, URL, name]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    left = sorted(float(line) for process in started for line in process.communicate(timeout=60)[0].split())

    assert len(left) == 30
    # However the three interleave, their turns lie a fiftieth of a second apart; the first may be a little late.
    assert left[-1] - left[0] >= 28 * 0.02


def test_without_redis_nothing_is_sent(make_client, api):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        client = make_client(pacing=f"redis://user:pass-word@127.0.0.1:{nobody.getsockname()[1]}/0")
        with pytest.raises(TransportError, match="nothing is sent without it") as caught:
            client.get("companyInformation")

    assert (caught.value.fault, caught.value.sent) == ("pacing", False)
    assert "pass-word" not in str(caught.value)
    assert api.requests == []


def test_one_who_never_gets_a_word_in_is_told_so(store, name):
    keeper = RedisRateStore(URL, name)

    def others_were_faster(pace, now):
        store.set(f"seventime:pace:{name}", RateState.fresh(now, 1.0).pack())
        return None, RateState.fresh(now, 2.0)

    with pytest.raises(TransportError, match="others changed it during each of 1000 attempts"):
        keeper.change(others_were_faster)


def test_the_connection_test_says_where_the_fault_is(make_client, api):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        client = make_client(pacing=f"redis://127.0.0.1:{nobody.getsockname()[1]}/0", attempts=1)

        works, sentence = check_connection(client)

    assert not works
    assert "the fault is with the rate limit in Redis" in sentence


def test_a_url_that_cannot_be_read_is_refused_without_its_password():
    with pytest.raises(ConfigError, match="the Redis URL for cache:6379 cannot be read") as caught:
        RedisRateStore("redis://user:pass-word@cache:6379/0?socket_timeout=soon", "name")
    assert "pass-word" not in str(caught.value)


def test_the_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(ConfigError, match=r"Install airflow-provider-seventime\[redis\]"):
        RedisRateStore(URL, "name")
