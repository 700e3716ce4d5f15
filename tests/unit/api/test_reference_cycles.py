"""Reference cycles: requests leave none to the garbage collector, however many there are."""

from __future__ import annotations

import gc

import pytest

from airflow_provider_seventime.api.client import SevenTimeClient
from tests.unit.api.listing.paged_server import served

FEW, MANY = 15, 90
# What a list as a whole may leave: its view and what that remembers.
MOST_LEFT = 40

READS = {
    "single records": lambda client, number: [client.get("timeLogs", "a") for _ in range(number)],
    "a list": lambda client, number: list(client.list("timeLogs")),
    "a list as JSON": lambda client, number: list(client.list_json("timeLogs")),
}


@pytest.fixture
def left_by(clock, make_settings):
    """Read a number of records, one per request, and return how many objects only the garbage collector frees."""

    def left(read, number, latency_seconds):
        with served(clock, number, latency_seconds) as api:
            settings = make_settings(f"127.0.0.1:{api.server_port}", page_size=1, requests_per_second=100)
            with SevenTimeClient(settings, clock=clock) as client:
                read(client, number)  # what is made once and kept is not counted
                gc.collect()
                gc.disable()
                try:
                    assert len(read(client, number)) == number
                    return gc.collect()
                finally:
                    gc.enable()

    return left


@pytest.mark.parametrize("latency_seconds", [0.0, 0.05], ids=["one at a time", "together"])
@pytest.mark.parametrize("read", READS)
def test_requests_leave_no_reference_cycles(left_by, read, latency_seconds):
    left = [left_by(READS[read], number, latency_seconds) for number in (FEW, MANY)]
    assert max(left) <= MOST_LEFT
