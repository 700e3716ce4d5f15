"""What ids tell of the time of their making, and how those that were seen are kept."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_seventime.api.object_ids import CLOCK_MARGIN_SECONDS, is_object_id, may_be_made_since
from airflow_provider_seventime.api.seen_ids import BLOCK_IDS, SeenIds, key_of
from tests.unit.api.paging_lists import object_id

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
MADE_AT_NOON = object_id(int(NOON.timestamp()), 1)

ids = st.builds(object_id, st.integers(0, 3), st.integers(0, 3)) | st.sampled_from(["a", "A" * 24, "0" * 23, "0" * 25])


@pytest.mark.parametrize(
    ("record_id", "is_one"),
    [(MADE_AT_NOON, True), (MADE_AT_NOON.upper(), False), (MADE_AT_NOON[:-1], False), ("g" * 24, False), ("", False),
     (MADE_AT_NOON + "\n", False), ("٣" * 24, False)],
)  # fmt: skip
def test_an_id_of_mongodb_is_24_hexadecimal_digits(record_id, is_one):
    assert is_object_id(record_id) is is_one


@pytest.mark.parametrize(("later_seconds", "may_be"), [(-1, True), (0, True), (60, True), (61, False), (86_400, False)])
def test_an_id_may_be_made_since_a_moment_less_the_margin_of_the_clocks(later_seconds, may_be):
    assert CLOCK_MARGIN_SECONDS == 60
    assert may_be_made_since(MADE_AT_NOON, NOON + timedelta(seconds=later_seconds)) is may_be


@pytest.mark.parametrize(("record_id", "moment"), [("17", NOON + timedelta(days=9)), (MADE_AT_NOON, None)])
def test_an_id_may_always_be_made_since_where_nothing_is_known(record_id, moment):
    assert may_be_made_since(record_id, moment)


@settings(derandomize=True, deadline=None, database=None)
@given(st.lists(ids, max_size=30))
def test_seen_ids_are_a_set(given_ids):
    seen, expected = SeenIds(), set()
    for one in given_ids:
        assert seen.add(key_of(one)) is (one not in expected)
        expected.add(one)
        assert len(seen) == len(expected)


def test_seen_ids_stay_a_set_when_there_are_many():
    dice = random.Random(3)
    pool = [dice.randbytes(12) for _ in range(3 * BLOCK_IDS)]
    seen, expected = SeenIds(), set()
    for one in [*sorted(pool[: 2 * BLOCK_IDS + 5]), *dice.choices(pool, k=2 * BLOCK_IDS)]:
        assert seen.add(one) is (one not in expected)
        expected.add(one)
    assert len(seen) == len(expected)
