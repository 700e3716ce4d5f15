"""What ids tell of the time of their making."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from airflow_provider_seventime.api.listing.object_ids import CLOCK_MARGIN_SECONDS, is_object_id, may_be_made_since
from tests.unit.api.paging_lists import object_id

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
MADE_AT_NOON = object_id(int(NOON.timestamp()), 1)


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
