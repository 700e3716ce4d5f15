"""A read closes the temporary file of its ids, however it ends."""

from __future__ import annotations

import gc
import tempfile
import warnings
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from airflow_provider_seventime.api.listing.complete_read import read_list
from airflow_provider_seventime.exceptions import IncompleteReadError, ProtocolError, WarehouseError
from airflow_provider_seventime.seen_ids import BLOCK_BYTES, BLOCK_IDS, MAX_BYTES_IN_MEMORY
from tests.unit.api.listing.changing_list import page_of

BLOCKS_IN_MEMORY = MAX_BYTES_IN_MEMORY // BLOCK_BYTES
NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
# Five pages; the ids of the long list are on the disk before the fifth.
SHORT, LONG = (
    [f"{number:024x}" for number in range(count)] for count in (5, 5 * (BLOCKS_IN_MEMORY + 3) * BLOCK_IDS // 4)
)


@contextmanager
def nothing_left_open():
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        yield
        gc.collect()
    assert [str(one.message) for one in raised] == []


def pages_of(ids, page_size):
    """Return a function that fetches a page of a list of these ids."""
    return lambda number: page_of(
        [{"_id": one} for one in ids[(number - 1) * page_size : number * page_size]], len(ids), NOON
    )


def test_a_temporary_file_that_cannot_be_written_ends_the_read(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with nothing_left_open(), pytest.raises(WarehouseError, match="TMPDIR") as caught:
        list(read_list("GET x", 500, pages_of(LONG, 500)))
    assert caught.value.transient


@pytest.mark.parametrize("by_id", [True, False], ids=["by id", "in another order"])
@pytest.mark.parametrize("ids", [SHORT, LONG], ids=["in memory", "on disk"])
class TestTheTemporaryFileIsClosed:
    def test_at_the_end_of_a_read(self, by_id, ids):
        with nothing_left_open():
            reading = read_list("GET x", len(ids) // 5, pages_of(ids, len(ids) // 5), by_id=by_id)
            assert [record["_id"] for record in reading] == ids

    @pytest.mark.parametrize("stop", ["close", "drop"])
    def test_when_the_caller_stops_early(self, by_id, ids, stop):
        with nothing_left_open():
            reading: Any = read_list("GET x", len(ids) // 5, pages_of(ids, len(ids) // 5), by_id=by_id)
            for _ in ids[1:]:
                next(reading)
            if stop == "close":
                reading.close()
            del reading

    def test_when_a_page_is_an_error(self, by_id, ids):
        fetch = pages_of(ids, len(ids) // 5)

        def fetch_or_fail(number):
            if number == 4:
                raise ProtocolError("HTML")
            return fetch(number)

        with nothing_left_open(), pytest.raises(ProtocolError, match="HTML"):
            list(read_list("GET x", len(ids) // 5, fetch_or_fail, by_id=by_id))

    def test_when_the_read_is_incomplete(self, by_id, ids):
        fetch = pages_of(ids, len(ids) // 5)
        with nothing_left_open(), pytest.raises(IncompleteReadError):
            list(read_list("GET x", len(ids) // 5, lambda number: fetch(min(number, 4)), by_id=by_id))
