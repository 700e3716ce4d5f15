"""Two workers create the same invoices while a third of all requests fail: each invoice once.

``SEVENTIME_TOGETHER_STORM=2000 make test ARGS="tests/integration/together/test_storm_of_two.py"`` makes a longer storm.
"""

from __future__ import annotations

from datetime import date, timedelta

from tests.integration.storm.weather import IMPATIENCE, storm
from tests.integration.together.conftest import SPEED
from tests.sizes import STORM_SEED, TOGETHER_STORM

FIRST_DAY = date(2026, 1, 1)
DAYS = 180
BATCH = 20
TRIES = 30


def test_two_workers_create_the_same_invoices_in_a_storm(account, server):
    shared = account("machine")
    # Lists lag on the clock of the writers, which is faster.
    faults = [fault | ({"seconds": 2.0 / SPEED} if fault["kind"] == "stale" else {}) for fault in storm(STORM_SEED)]
    server.set_faults(faults)
    wanted = [f"nr {number}" for number in range(TOGETHER_STORM)]
    dates = [(FIRST_DAY + timedelta(days=number % DAYS)).isoformat() for number in range(TOGETHER_STORM)]
    # The longer delay and trickle of the storm are lost responses, also on a busy machine.
    patience = dict.fromkeys(IMPATIENCE, 0.3)
    workers = [
        shared.writer(wanted, batch=BATCH, dates=dates, tries=TRIES, requests_per_second=100, **patience)
        for _ in range(2)
    ]
    for worker in workers:
        worker.await_ready()
    for worker in workers:
        worker.begin()
    results = [worker.results(within_seconds=60 + 2.0 * TOGETHER_STORM) for worker in workers]

    assert shared.created() == dict.fromkeys(wanted, 1)
    ids = {record["_id"]: record["marking"] for record in server.records("invoices")}
    for found in results:
        # A try that failed has shown the results of the batches before it.
        assert [ids[result["id"]] for result in found if "id" in result][-len(wanted) :] == wanted, found[-1]
