"""Set of record ids in little memory, and the creation time in an id."""

from __future__ import annotations

import errno
import os
import random
import resource
import tempfile
import tracemalloc
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_seventime.exceptions import ConfigError, WarehouseError
from airflow_provider_seventime.seen_ids import (
    BLOCK_BYTES,
    BLOCK_IDS,
    CLOCK_MARGIN_SECONDS,
    ID_BYTES,
    MAX_BYTES_IN_MEMORY,
    SeenIds,
    is_object_id,
    may_be_created_since,
    pack_id,
)
from tests.unit.api.listing.changing_list import object_id

BLOCKS_IN_MEMORY = MAX_BYTES_IN_MEMORY // BLOCK_BYTES
NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
CREATED_AT_NOON = object_id(int(NOON.timestamp()), 1)

fixed = settings(derandomize=True, deadline=None, database=None)
ids = st.builds(object_id, st.integers(0, 3), st.integers(0, 3)) | st.sampled_from(["a", "A" * 24, "0" * 23, "0" * 25])


@pytest.fixture
def seen():
    with SeenIds() as made:
        yield made


def hex_id(number):
    return f"{number:024x}"


def fill(seen, blocks, since=0):
    """Add ids that count up, until so many blocks are full."""
    for number in range(since * BLOCK_IDS + 1, blocks * BLOCK_IDS + 1):
        assert seen.add(hex_id(number))


@fixed
@given(st.lists(ids, max_size=30))
def test_it_is_a_set(given_ids):
    expected = set()
    with SeenIds() as seen:
        for one in given_ids:
            assert (one in seen) is (one in expected)
            assert seen.add(one) is (one not in expected)
            assert one in seen
            expected.add(one)
            assert len(seen) == len(expected)


@fixed
@given(st.lists(st.lists(ids, max_size=8) | st.lists(ids, max_size=8, unique=True).map(sorted), max_size=8))
def test_adding_many_ids_is_adding_each(pages):
    with SeenIds() as seen, SeenIds() as expected:
        for page in pages:
            assert seen.add_all(page) == [expected.add(one) for one in page]
            assert len(seen) == len(expected)
            assert all(one in seen for one in page)


@pytest.mark.parametrize("page_size", [1, 500, BLOCK_IDS, 3 * BLOCK_IDS])
def test_pages_of_any_size_fill_the_blocks(seen, page_size):
    page_ids = [hex_id(2 * number) for number in range(1, (BLOCKS_IN_MEMORY + 2) * BLOCK_IDS)]
    for begin in range(0, len(page_ids), page_size):
        page = page_ids[begin : begin + page_size]
        assert seen.add_all(page) == [True] * len(page)
    assert len(seen) == len(page_ids)
    assert all(one in seen for one in page_ids)
    assert hex_id(1) not in seen
    assert hex_id(2 * BLOCK_IDS + 1) not in seen
    assert seen.add_all([page_ids[0], page_ids[-1], hex_id(1)]) == [False, False, True]


@pytest.mark.parametrize("other", [5, None, b"a" * ID_BYTES])
def test_it_contains_only_texts(seen, other):
    seen.add("a" * 24)
    assert other not in seen


@pytest.mark.parametrize("blocks", [2, BLOCKS_IN_MEMORY, BLOCKS_IN_MEMORY + 1, 2 * BLOCKS_IN_MEMORY])
def test_it_is_a_set_with_many_ids(seen, blocks):
    """In memory, while they move to the disk, and there."""
    dice = random.Random(blocks)
    pool = [dice.randbytes(ID_BYTES).hex() for _ in range((blocks + 1) * BLOCK_IDS)]
    ascending = sorted(pool[: blocks * BLOCK_IDS + 5])
    for place, one in enumerate(ascending):
        assert seen.add(one)
        if place % 97 == 0:  # a look-up between two writes must not disturb them
            assert not seen.add(ascending[dice.randint(0, place)])
    expected = set(ascending)
    for one in dice.choices(pool, k=2 * BLOCK_IDS):
        assert seen.add(one) is (one not in expected)
        expected.add(one)
    assert len(seen) == len(expected)


def test_memory_does_not_grow_with_the_number_of_ids():
    tracemalloc.start()
    try:
        with SeenIds() as seen:
            fill(seen, 24)
            _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 3 * MAX_BYTES_IN_MEMORY < 24 * BLOCK_BYTES


@contextmanager
def limited(kind, soft_limit):
    """Lower a limit of this process, for example ``resource.RLIMIT_FSIZE``, the size of its files in bytes."""
    soft, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (soft_limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(kind, (soft, hard))


class TestATemporaryFileThatFails:
    NO_ROOM = (
        r"^The temporary file for the ids of a long list cannot be written: .+\.\n"
        r"Make room there, or set TMPDIR to a folder with room\.$"
    )

    def fill_one_block_too_many(self, seen):
        fill(seen, BLOCKS_IN_MEMORY + 1, since=BLOCKS_IN_MEMORY)

    def test_no_usable_folder_is_transient(self, seen, monkeypatch, tmp_path):
        """``tempfile`` raises ``FileNotFoundError`` too when all of its folders are full."""
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
        fill(seen, BLOCKS_IN_MEMORY)
        with pytest.raises(WarehouseError, match=self.NO_ROOM) as caught:
            self.fill_one_block_too_many(seen)
        assert caught.value.transient
        assert isinstance(caught.value.__cause__, FileNotFoundError)

    def test_a_folder_that_can_never_be_written_is_permanent(self, seen, monkeypatch, tmp_path):
        (tmp_path / "file").touch()
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "file"))
        fill(seen, BLOCKS_IN_MEMORY)
        with pytest.raises(ConfigError, match=r"cannot be written: .+\.\nSet TMPDIR to a folder that can be written"):
            self.fill_one_block_too_many(seen)

    def test_too_many_open_files_is_transient(self, seen):
        fill(seen, BLOCKS_IN_MEMORY)
        with (
            limited(resource.RLIMIT_NOFILE, 0),
            pytest.raises(WarehouseError, match="Too many open files") as caught,
        ):
            self.fill_one_block_too_many(seen)
        assert caught.value.transient
        assert getattr(caught.value.__cause__, "errno", None) == errno.EMFILE

    @pytest.mark.parametrize(
        ("blocks", "short_bytes"),
        [(BLOCKS_IN_MEMORY + 1, 1), (BLOCKS_IN_MEMORY + 2, BLOCK_BYTES), (BLOCKS_IN_MEMORY + 2, 1)],
        ids=["while the ids move there", "before a block", "within a block"],
    )
    def test_a_full_disk_is_transient(self, seen, blocks, short_bytes):
        """The block without room raises the error; closing the file raises no second one."""
        with limited(resource.RLIMIT_FSIZE, blocks * BLOCK_BYTES - short_bytes):
            fill(seen, blocks - 1)
            with pytest.raises(WarehouseError, match=self.NO_ROOM) as caught:
                fill(seen, blocks, since=blocks - 1)
            seen.close()
        assert caught.value.transient
        assert isinstance(caught.value.__cause__, OSError)

    def test_a_file_that_cannot_be_read_is_transient(self, seen):
        fill(seen, BLOCKS_IN_MEMORY + 1)
        descriptor = seen._file.fileno()
        with open(os.devnull, "wb") as unreadable:
            os.dup2(unreadable.fileno(), descriptor)
        with pytest.raises(WarehouseError, match="cannot be read: ") as caught:
            _ = hex_id(1) in seen
        assert caught.value.transient


@pytest.mark.parametrize(
    ("record_id", "is_one"),
    [(CREATED_AT_NOON, True), (CREATED_AT_NOON.upper(), False), (CREATED_AT_NOON[:-1], False), ("g" * 24, False),
     ("", False), (CREATED_AT_NOON + "\n", False), ("٣" * 24, False)],
)  # fmt: skip
def test_an_object_id_is_24_hexadecimal_digits(record_id, is_one):
    assert is_object_id(record_id) is is_one
    assert pack_id(record_id) == (bytes.fromhex(record_id) if is_one else record_id)


@pytest.mark.parametrize(("later_seconds", "may_be"), [(-1, True), (0, True), (60, True), (61, False), (86_400, False)])
def test_a_record_may_be_created_since_an_instant_less_the_margin_of_the_clocks(later_seconds, may_be):
    assert CLOCK_MARGIN_SECONDS == 60
    assert may_be_created_since(CREATED_AT_NOON, NOON + timedelta(seconds=later_seconds)) is may_be


@pytest.mark.parametrize(("record_id", "instant"), [("17", NOON + timedelta(days=9)), (CREATED_AT_NOON, None)])
def test_without_proof_a_record_may_be_created_since_any_instant(record_id, instant):
    assert may_be_created_since(record_id, instant)
