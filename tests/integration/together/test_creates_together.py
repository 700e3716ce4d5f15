"""Several processes create with the same references at the same time: each record is created once.

``SEVENTIME_TOGETHER_ROUNDS=200 make test ARGS="tests/integration/together -s"`` plays each case longer.
"""

from __future__ import annotations

import random
import time

import pytest

from tests.integration.together.conftest import ROUNDS, SPEED

REDIS_URL = "redis://127.0.0.1:6379/5"
PACINGS = ["machine", REDIS_URL]


@pytest.fixture(params=PACINGS, ids=["files", "Redis"])
def pacing(request):
    if request.param == REDIS_URL:
        redis = pytest.importorskip("redis")
        try:
            redis.Redis.from_url(REDIS_URL).ping()
        except redis.RedisError:
            pytest.skip("no Redis on this machine")
    return request.param


def references(name, count):
    return [f"{name}-{number}" for number in range(count)]


def test_two_runs_with_the_same_references(account, pacing):
    shared = account(pacing)
    wanted = references("both", 5 * ROUNDS)
    writers = [shared.writer(wanted) for _ in range(2)]
    results = [writer.results() for writer in writers]

    assert shared.created() == dict.fromkeys(wanted, 1)
    for pair in zip(*results, strict=True):
        assert sorted(result["created"] for result in pair) == [False, True], pair
        assert len({result["id"] for result in pair}) == 1


def test_a_batch_and_a_later_run_of_the_same_batch(account, pacing):
    shared = account(pacing)
    wanted = references("batch", 8 * ROUNDS)
    first = shared.writer(wanted, batch=True)
    first.wait_until_started()
    time.sleep(0.2)
    second = shared.writer(wanted, batch=True)
    assert len(first.results()) == len(second.results()) == len(wanted)

    assert shared.created() == dict.fromkeys(wanted, 1)


def test_a_post_that_a_429_delays(account, server, pacing):
    shared = account(pacing)
    server.set_faults([{"kind": "status", "status": 429, "retry_after": 15, "method": "POST"}])
    writers = [shared.writer(["delayed"]) for _ in range(2)]
    assert all(len(writer.results()) == 1 for writer in writers)

    assert shared.created() == {"delayed": 1}


def test_a_writer_killed_in_a_slow_post(account, server, pacing):
    shared = account(pacing)
    server.set_faults([{"kind": "delay", "seconds": 1.5, "when": "before", "method": "POST"}])
    first = shared.writer(["slow"])
    first.wait_until_started()
    wait_for_post(server)
    first.kill()
    begun = time.monotonic()
    (result,) = shared.writer(["slow"]).results()

    assert shared.created() == {"slow": 1}
    assert not result["created"]
    # The lease of thirty seconds, and then a search, by a clock that runs faster.
    assert (time.monotonic() - begun) * SPEED >= 30 - 10


def test_lists_that_lag_behind(account, server, pacing):
    shared = account(pacing)
    server.set_faults([{"kind": "stale", "seconds": 1.0, "times": None}])
    first = shared.writer(["lagging"])
    first.wait_until_started()
    wait_for_post(server)
    first.kill()
    shared.writer(["lagging"]).results()

    assert shared.created() == {"lagging": 1}


def test_a_suspended_writer(account, pacing):
    shared = account(pacing)
    dice = random.Random(20261130)
    for number in range(ROUNDS):
        wanted = references(f"suspended {number}", 12)
        first = shared.writer(wanted, batch=number % 2 == 0)
        first.wait_until_started()
        time.sleep(dice.uniform(0, 0.5))
        second = shared.writer(wanted, batch=True)
        first.suspend(2.5)  # longer than the lease by the writers' clock
        first.results()
        second.results()
        assert {name: count for name, count in shared.created().items() if name in wanted} == dict.fromkeys(wanted, 1)


def wait_for_post(server):
    deadline = time.monotonic() + 20
    while not any(entry["method"] == "POST" for entry in server.journal()):
        assert time.monotonic() < deadline, "no POST came"
        time.sleep(0.01)
