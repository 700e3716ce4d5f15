"""Several processes create with the same references at the same time: each record is created once.

``SEVENTIME_TOGETHER_ROUNDS=200 make test ARGS="tests/integration/together -s"`` plays each case longer.
"""

from __future__ import annotations

import random
import time

from tests.integration.together.conftest import SPEED, wait_for_post
from tests.sizes import TOGETHER_ROUNDS as ROUNDS


def references(name, count):
    return [f"{name}-{number}" for number in range(count)]


def run_together(*writers):
    """Let writers begin at the same moment and return their results."""
    for writer in writers:
        writer.await_ready()
    for writer in writers:
        writer.begin()
    return [writer.results() for writer in writers]


def test_two_runs_with_the_same_references(account, server, pacing):
    shared = account(pacing)
    server.set_faults([{"kind": "delay", "seconds": 0.02, "times": None}])
    wanted = references("both", 5 * ROUNDS)
    results = run_together(*(shared.writer(wanted) for _ in range(2)))

    assert shared.created() == dict.fromkeys(wanted, 1)
    for pair in zip(*results, strict=True):
        assert sorted(result["created"] for result in pair) == [False, True], pair
        assert len({result["id"] for result in pair}) == 1


def test_a_batch_and_a_later_run_of_the_same_batch(account, server, pacing):
    shared = account(pacing)
    wanted = references("batch", 8 * ROUNDS)
    first, second = (shared.writer(wanted, batch=True, requests_per_second=4) for _ in range(2))
    second.await_ready()
    first.begin()
    wait_for_post(server)
    second.begin()
    assert len(first.results()) == len(second.results()) == len(wanted)

    assert shared.created() == dict.fromkeys(wanted, 1)


def test_a_post_that_a_429_delays(account, server, pacing):
    shared = account(pacing)
    server.set_faults([{"kind": "status", "status": 429, "retry_after": 15, "method": "POST"}])
    results = run_together(*(shared.writer(["delayed"]) for _ in range(2)))

    assert [len(one) for one in results] == [1, 1]
    assert shared.created() == {"delayed": 1}


def test_a_writer_killed_in_a_slow_post(account, server, pacing):
    shared = account(pacing)
    server.set_faults([{"kind": "delay", "seconds": 1.0, "when": "before", "method": "POST"}])
    first, second = shared.writer(["slow"]), shared.writer(["slow"])
    second.await_ready()
    first.begin()
    wait_for_post(server)
    first.kill()
    killed_at = time.monotonic()
    second.begin()
    (result,) = second.results()

    assert shared.created() == {"slow": 1}
    assert not result["created"]
    # It waited for the lease of thirty seconds, by a clock that runs faster.
    assert (time.monotonic() - killed_at) * SPEED >= 30 - 2 * SPEED


def test_lists_that_lag_behind(account, server, pacing):
    shared = account(pacing)
    server.set_faults([{"kind": "stale", "seconds": 1.0, "times": None}])
    first, second = shared.writer(["lagging"]), shared.writer(["lagging"])
    second.await_ready()
    first.begin()
    wait_for_post(server)
    first.kill()
    second.begin()
    second.results()

    assert shared.created() == {"lagging": 1}


def test_a_suspended_writer(account, server, pacing):
    shared = account(pacing)
    dice = random.Random(20261130)

    def start(number):
        wanted = references(f"suspended {number}", 8)
        first = shared.writer(wanted, batch=number % 2 == 0, requests_per_second=4)
        return wanted, first, shared.writer(wanted, batch=True)

    coming = start(0)
    for number in range(ROUNDS):
        wanted, first, second = coming
        second.await_ready()
        server.clear_journal()
        first.begin()
        wait_for_post(server)
        time.sleep(dice.uniform(0, 6 / 4 / SPEED))
        first.suspend()
        suspended_at = time.monotonic()
        coming = start(number + 1) if number + 1 < ROUNDS else ()
        # The lease ends, as it does before Airflow starts another try.
        time.sleep(max(0.0, suspended_at + 31 / SPEED - time.monotonic()))
        second.begin()
        second.results()
        first.resume()
        first.results()
        assert {name: count for name, count in shared.created().items() if name in wanted} == dict.fromkeys(wanted, 1)
