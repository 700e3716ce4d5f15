"""Complete lists through the client, from a sandbox whose records change between two requests."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.api.listing.read_limits import MAX_PASSES, SPARE_REQUESTS
from airflow_provider_seventime.exceptions import IncompleteReadError

PAGE_SIZE = 40


@pytest.fixture
def api_client(sandbox, make_client):
    return make_client(sandbox.base_url, password=sandbox.api_key, login=sandbox.acting_user_id, page_size=PAGE_SIZE)


@pytest.fixture
def pages_asked(sandbox):
    """Return the pages requested from the sandbox, in order."""

    def asked():
        lists = (entry["query"] for entry in sandbox.journal() if entry["method"] == "GET")
        return [int(query.split("page=")[1].split("&")[0]) for query in lists]

    return asked


def ids_of(records):
    return [record["_id"] for record in records]


def swap(client, gone):
    """Delete a time log and create another, so that their number stays the same."""
    client.delete("timeLogs", gone["_id"])
    client.create("timeLogs", {"user": gone["user"], "timestamp": "2026-10-01 08:00", "time": 1})


def test_a_list_that_does_not_change_costs_one_request_a_page(api_client, sandbox, pages_asked):
    held = ids_of(sandbox.records("timeLogs"))
    assert ids_of(api_client.list("timeLogs")) == held
    assert sorted(pages_asked()) == list(range(1, -(-len(held) // PAGE_SIZE) + 1))


@pytest.mark.parametrize("after_pages", [1, 2, 4])
def test_records_that_move_between_pages_are_found(api_client, sandbox, after_pages):
    held = sandbox.records("timeLogs")
    gone = held[0]
    reading = api_client.list("timeLogs")
    got = [next(reading) for _ in range(after_pages * PAGE_SIZE)]
    swap(api_client, gone)
    got += reading
    assert len(set(ids_of(got))) == len(got)
    assert set(ids_of(held)) <= set(ids_of(got))
    # What stood first on the next page moved to one that had been read.
    assert held[after_pages * PAGE_SIZE]["_id"] in ids_of(got)


def test_a_record_created_just_now_costs_one_request_more(api_client, sandbox, pages_asked):
    gone = sandbox.records("timeLogs")[0]
    swap(api_client, gone)
    held = ids_of(sandbox.records("timeLogs"))
    assert ids_of(api_client.list("timeLogs")) == held
    assert pages_asked()[-1] == 1
    assert len(pages_asked()) == -(-len(held) // PAGE_SIZE) + 1

    sandbox.advance(61)
    sandbox.clear_journal()
    assert ids_of(api_client.list("timeLogs")) == held
    assert len(pages_asked()) == -(-len(held) // PAGE_SIZE)


@pytest.mark.parametrize("by", [1, -1, 3])
def test_a_page_cut_elsewhere_once_is_repaired(api_client, sandbox, by):
    held = ids_of(sandbox.records("timeLogs"))
    reading = api_client.list("timeLogs")
    got = [next(reading) for _ in range(2 * PAGE_SIZE)]
    sandbox.set_faults([{"kind": "moved", "collection": "timeLogs", "by": by}])
    got += reading
    assert sorted(ids_of(got)) == held


def test_pages_always_cut_elsewhere_end_in_an_error(api_client, sandbox, pages_asked):
    sandbox.set_faults([{"kind": "moved", "collection": "timeLogs", "by": 1, "times": None}])
    with pytest.raises(IncompleteReadError, match=r"^GET /api/2/timeLogs could not be read completely in \d+ requests"):
        list(api_client.list("timeLogs"))
    assert len(pages_asked()) <= MAX_PASSES * -(-len(sandbox.records("timeLogs")) // PAGE_SIZE) + SPARE_REQUESTS


def test_random_moves_are_repaired_or_end_in_an_error(api_client, sandbox):
    held = ids_of(sandbox.records("timeLogs"))
    whole = 0
    for seed in range(12):
        sandbox.set_faults(
            [{"kind": "moved", "collection": "timeLogs", "by": 1, "times": None, "probability": 0.05, "seed": seed}]
        )
        try:
            got = ids_of(api_client.list("timeLogs"))
        except IncompleteReadError:
            continue
        whole += 1
        assert sorted(got) == held, f"seed {seed} lost records without an error"
    assert whole


def test_the_newest_records_are_read_in_descending_order(api_client, sandbox, pages_asked):
    newest = ids_of(sandbox.records("timeLogs"))[::-1]
    assert ids_of(api_client.list("timeLogs", sort_by="-_id", max_records=50)) == newest[:50]
    assert pages_asked() == [1, 2]
