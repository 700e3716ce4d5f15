"""The budget of a fleet, against a real Redis where this machine has one."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import uuid

import pytest

from airflow_provider_seventime.api.budgets import budget_for
from airflow_provider_seventime.api.check import check_connection
from airflow_provider_seventime.api.redis_pacing import RedisBudget
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
    store.delete(f"seventime:budget:{chosen}")


def test_slots_are_spaced_evenly_over_all_who_share(name, clock):
    # The fake clock does not move Redis's, so the waits add up as slots are reserved.
    one, other = (RedisBudget(URL, name, 10.0, clock) for _ in range(2))

    waits = [budget.acquire() for budget in (one, other, one, other)]

    assert waits == pytest.approx([0, 10, 20, 30], abs=1)
    assert clock.sleeps == waits[1:]


def test_another_key_has_a_budget_of_its_own(store, make_settings, clock):
    budgets = [budget_for(make_settings(pacing=URL, requests_per_second=0.1), clock) for _ in range(2)]

    assert [budget.acquire() for budget in budgets] == [0, 0]


def test_a_rejection_slows_everyone_down(name, clock):
    one, other = (RedisBudget(URL, name, 2.0, clock) for _ in range(2))

    one.slow_down(3.0)
    waits = [other.acquire(), other.acquire(), other.acquire()]

    # A pause, then twice the spacing.
    assert waits == pytest.approx([3, 7, 11], abs=1)


def test_a_slot_beyond_any_queue_is_not_waited_for(store, name, clock):
    store.hset(f"seventime:budget:{name}", mapping={"next_slot": time.time() + 10_000, "slow_until": 0})

    assert RedisBudget(URL, name, 1.0, clock).acquire() == 0


def test_the_budget_is_forgotten_when_nobody_uses_it(store, name, clock):
    RedisBudget(URL, name, 1.0, clock).acquire()

    assert 0 < store.ttl(f"seventime:budget:{name}") <= 1200


PROCESS = """
import sys, time
from airflow_provider_seventime.api.clock import SystemClock
from airflow_provider_seventime.api.redis_pacing import RedisBudget
budget = RedisBudget(sys.argv[1], sys.argv[2], 0.02, SystemClock())
for _ in range(10):
    budget.acquire()
    print(time.time())
"""


def test_processes_share_it(name):
    command = [sys.executable, "-c", PROCESS, URL, name]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    left = sorted(float(line) for process in started for line in process.communicate(timeout=60)[0].split())

    assert len(left) == 30
    # However the three interleave, the slots they were given lie a fiftieth of a second apart.
    assert left[-1] - left[0] >= 29 * 0.02 * 0.95


def test_without_redis_nothing_is_sent(make_client, api):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        client = make_client(pacing=f"redis://user:pass-word@127.0.0.1:{nobody.getsockname()[1]}/0")
        with pytest.raises(TransportError, match="nothing is sent without it") as caught:
            client.get("companyInformation")

    assert (caught.value.fault, caught.value.sent) == ("pacing", False)
    assert "pass-word" not in str(caught.value)
    assert api.requests == []


def test_the_connection_test_says_where_the_fault_is(make_client, api):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        client = make_client(pacing=f"redis://127.0.0.1:{nobody.getsockname()[1]}/0", attempts=1)

        works, sentence = check_connection(client)

    assert not works
    assert "The fault lies with the budget in Redis" in sentence


def test_a_url_that_cannot_be_read_is_refused_without_its_password(make_settings, clock):
    with pytest.raises(ConfigError, match="the Redis URL for cache:6379 cannot be read") as caught:
        RedisBudget("redis://user:pass-word@cache:6379/0?socket_timeout=soon", "name", 1.0, clock)
    assert "pass-word" not in str(caught.value)


def test_the_missing_package_is_named(monkeypatch, clock):
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(ConfigError, match=r"install airflow-provider-seventime\[redis\]"):
        RedisBudget(URL, "name", 1.0, clock)
