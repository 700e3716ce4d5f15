"""How the ids that were seen are kept: a set, in little memory, whose file is gone when the read is over."""

from __future__ import annotations

import gc
import random
import resource
import tempfile
import tracemalloc
import warnings
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_seventime.api.listing.complete_read import read_list
from airflow_provider_seventime.api.listing.page import Page
from airflow_provider_seventime.api.listing.seen_ids import (
    BLOCK_IDS,
    MOST_BYTES_IN_MEMORY,
    PACKED_BYTES,
    SeenIds,
    key_of,
)
from airflow_provider_seventime.exceptions import ConfigError, IncompleteReadError, ProtocolError
from tests.unit.api.paging_lists import object_id

BLOCK_BYTES = BLOCK_IDS * PACKED_BYTES
BLOCKS_IN_MEMORY = MOST_BYTES_IN_MEMORY // BLOCK_BYTES
NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
# Five pages; the long one is on the disk before the fifth.
SHORT, LONG = (
    [f"{number:024x}" for number in range(count)] for count in (5, 5 * (BLOCKS_IN_MEMORY + 3) * BLOCK_IDS // 4)
)

ids = st.builds(object_id, st.integers(0, 3), st.integers(0, 3)) | st.sampled_from(["a", "A" * 24, "0" * 23, "0" * 25])


@pytest.fixture
def seen():
    with closing(SeenIds()) as made:
        yield made


def fill(seen, blocks, since=0):
    """Add ids that count up, until so many blocks are full."""
    for number in range(since * BLOCK_IDS + 1, blocks * BLOCK_IDS + 1):
        assert seen.add(number.to_bytes(PACKED_BYTES))


@settings(derandomize=True, deadline=None, database=None)
@given(st.lists(ids, max_size=30))
def test_seen_ids_are_a_set(given_ids):
    expected = set()
    with closing(SeenIds()) as seen:
        for one in given_ids:
            assert seen.add(key_of(one)) is (one not in expected)
            expected.add(one)
            assert len(seen) == len(expected)


@pytest.mark.parametrize("blocks", [2, BLOCKS_IN_MEMORY, BLOCKS_IN_MEMORY + 1, 2 * BLOCKS_IN_MEMORY])
def test_seen_ids_stay_a_set_when_there_are_many(seen, blocks):
    """In memory, while they move to the disk, and there."""
    dice = random.Random(blocks)
    pool = [dice.randbytes(PACKED_BYTES) for _ in range((blocks + 1) * BLOCK_IDS)]
    ascending = sorted(pool[: blocks * BLOCK_IDS + 5])
    for place, one in enumerate(ascending):
        assert seen.add(one)
        if place % 97 == 0:  # looks between the writes: neither may disturb the other
            assert not seen.add(ascending[dice.randint(0, place)])
    expected = set(ascending)
    for one in dice.choices(pool, k=2 * BLOCK_IDS):
        assert seen.add(one) is (one not in expected)
        expected.add(one)
    assert len(seen) == len(expected)


def test_memory_does_not_grow_with_the_list():
    tracemalloc.start()
    try:
        with closing(SeenIds()) as seen:
            fill(seen, 24)
            _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 3 * MOST_BYTES_IN_MEMORY < 24 * BLOCK_BYTES


@contextmanager
def files_of_at_most(size_bytes):
    """As a disk that is full, for this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def nothing_left_open():
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        yield
        gc.collect()
    assert [str(one.message) for one in told] == []


def pages_of(ids, page_size):
    """Return what fetches a page of a list of these."""
    return lambda number: Page(
        [{"_id": one} for one in ids[(number - 1) * page_size : number * page_size]], len(ids), NOON
    )


class TestAFileThatCannotBeWritten:
    SAID = (
        r"^the ids of a long list are kept in a temporary file, which cannot be written \(.+\); make room there, or "
        r"set TMPDIR to a folder that has it$"
    )

    def test_because_there_is_no_folder_for_it(self, seen, monkeypatch, tmp_path):
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
        fill(seen, BLOCKS_IN_MEMORY)
        with pytest.raises(ConfigError, match=self.SAID) as caught:
            fill(seen, BLOCKS_IN_MEMORY + 1, since=BLOCKS_IN_MEMORY)
        assert isinstance(caught.value.__cause__, FileNotFoundError)

    @pytest.mark.parametrize(
        ("blocks", "short_bytes"),
        [(BLOCKS_IN_MEMORY + 1, 1), (BLOCKS_IN_MEMORY + 2, BLOCK_BYTES), (BLOCKS_IN_MEMORY + 2, 1)],
        ids=["while they move there", "before a block", "within a block"],
    )
    def test_because_there_is_no_room(self, seen, blocks, short_bytes):
        """It is told with the block that has none, and not again when the file is closed."""
        with files_of_at_most(blocks * BLOCK_BYTES - short_bytes):
            fill(seen, blocks - 1)
            with pytest.raises(ConfigError, match=self.SAID) as caught:
                fill(seen, blocks, since=blocks - 1)
            seen.close()
        assert isinstance(caught.value.__cause__, OSError)

    def test_ends_a_read(self, monkeypatch, tmp_path):
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
        with nothing_left_open(), pytest.raises(ConfigError, match="set TMPDIR"):
            list(read_list("GET x", 500, pages_of(LONG, 500)))


@pytest.mark.parametrize("by_id", [True, False], ids=["by id", "in another order"])
@pytest.mark.parametrize("ids", [SHORT, LONG], ids=["in memory", "on disk"])
class TestTheFileIsClosed:
    def test_at_the_end_of_a_read(self, by_id, ids):
        with nothing_left_open():
            reading = read_list("GET x", len(ids) // 5, pages_of(ids, len(ids) // 5), by_id=by_id)
            assert [record["_id"] for record in reading] == ids

    @pytest.mark.parametrize("stop", ["close", "drop"])
    def test_where_the_reader_stops_early(self, by_id, ids, stop):
        with nothing_left_open():
            reading = read_list("GET x", len(ids) // 5, pages_of(ids, len(ids) // 5), by_id=by_id)
            for _ in ids[1:]:
                next(reading)
            if stop == "close":
                reading.close()
            del reading

    def test_where_a_page_is_an_error(self, by_id, ids):
        fetch = pages_of(ids, len(ids) // 5)

        def fetch_or_fail(number):
            if number == 4:
                raise ProtocolError("HTML")
            return fetch(number)

        with nothing_left_open(), pytest.raises(ProtocolError, match="HTML"):
            list(read_list("GET x", len(ids) // 5, fetch_or_fail, by_id=by_id))

    def test_where_the_list_cannot_be_made_whole(self, by_id, ids):
        fetch = pages_of(ids, len(ids) // 5)
        with nothing_left_open(), pytest.raises(IncompleteReadError):
            list(read_list("GET x", len(ids) // 5, lambda number: fetch(min(number, 4)), by_id=by_id))
