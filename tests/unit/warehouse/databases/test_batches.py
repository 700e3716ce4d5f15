"""Batches written together: all of them or none of each, and the first failure ends it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from airflow_provider_seventime.exceptions import ProtocolError
from airflow_provider_seventime.warehouse.batches import merge_batches

NOW = datetime(2026, 9, 2, 3, tzinfo=UTC)
LATER = datetime(2026, 9, 3, 3, tzinfo=UTC)
ROWS = 40


@pytest.fixture
def batches(time_log):
    """Twelve batches of records, whose ids lie between one another's."""

    def make(**fields):
        return [[time_log(f"{row:03}-{batch:02}", **fields) for row in range(ROWS)] for batch in range(12)]

    return make


def test_all_batches_are_written_once(copy, stored, batches):
    assert merge_batches(copy, batches(), NOW) == 12 * ROWS
    assert merge_batches(copy, batches(), LATER) == 0
    assert merge_batches(copy, batches(time=5), LATER) == 12 * ROWS

    rows = stored()
    assert len(rows) == 12 * ROWS
    assert {(row["time"], row["synced_at"]) for row in rows.values()} == {(5, LATER)}


def test_nothing_to_write(copy):
    assert merge_batches(copy, [], NOW) == 0


def test_a_batch_that_fails_is_the_last_that_is_begun(copy, stored, batches):
    given = batches()
    given[5][3]["time"] = "eight"
    taken = []

    def noted():
        for batch in given:
            taken.append(batch)
            yield batch

    with pytest.raises(ProtocolError, match="timeLogs '003-05': time holds 'eight'"):
        merge_batches(copy, noted(), NOW)

    rows = stored()
    written = {number for number, batch in enumerate(given) if batch[0]["_id"] in rows}
    assert {0, 1, 2, 3, 4} <= written <= {0, 1, 2, 3, 4, 6}
    assert len(rows) == len(written) * ROWS  # whole batches
    assert len(taken) <= 5 + copy.writes_together


def test_no_more_batches_are_held_than_are_written_together(copy, stored, batches, driver):
    held = []

    def taken():
        for number, batch in enumerate(batches()):
            held.append(1 + number - len(stored()) // ROWS)
            yield batch

    assert merge_batches(copy, taken(), NOW) == 12 * ROWS

    assert copy.writes_together == (1 if driver == "sqlite" else 2)
    assert max(held) == copy.writes_together
