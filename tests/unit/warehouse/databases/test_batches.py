"""Batches written at the same time: each is atomic, and none is started after the first failure."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from airflow_provider_seventime.exceptions import WarehouseError
from airflow_provider_seventime.warehouse.batches import merge_batches

NOW = datetime(2026, 9, 2, 3, tzinfo=UTC)
LATER = datetime(2026, 9, 3, 3, tzinfo=UTC)
ROWS = 40


@pytest.fixture
def batches(copy, time_log):
    """Return twelve batches of rows whose ids are interleaved."""

    def make(**fields):
        return [
            copy.rows_of([time_log(f"{row:03}-{batch:02}", **fields) for row in range(ROWS)]) for batch in range(12)
        ]

    return make


def test_all_batches_are_written_once(copy, stored, batches):
    assert merge_batches(copy, batches(), NOW).written == 12 * ROWS
    assert merge_batches(copy, batches(), LATER).written == 0
    assert merge_batches(copy, batches(time=5), LATER).written == 12 * ROWS

    rows = stored()
    assert len(rows) == 12 * ROWS
    assert {(row["time"], row["synced_at"]) for row in rows.values()} == {(5, LATER)}


def test_no_batches(copy):
    assert merge_batches(copy, [], NOW).written == 0


REJECT = {
    "sqlite": "create trigger forbid before insert on seventime_time_logs when new.time > 24 "
    "begin select raise(abort, 'more than a day'); end"
}
ADD_CHECK = "alter table seventime_time_logs add constraint a_day_at_most check (time <= 24)"


def test_no_batch_is_started_after_one_that_failed(copy, query, stored, batches, driver, time_log):
    query(REJECT.get(driver, ADD_CHECK))
    given = batches()
    (given[5][3],) = copy.rows_of([time_log("003-05", time=25)])
    taken = []

    def recorded():
        for batch in given:
            taken.append(batch)
            yield batch

    with pytest.raises(WarehouseError, match="the database rejected timeLogs '003-05'"):
        merge_batches(copy, recorded(), NOW)

    rows = stored()
    written = {number for number, batch in enumerate(given) if batch[0][0] in rows}
    assert {0, 1, 2, 3, 4} <= written <= {0, 1, 2, 3, 4, 6}
    assert len(rows) == len(written) * ROWS  # whole batches
    assert len(taken) <= 5 + copy.batches_at_a_time


def test_no_more_batches_are_in_memory_than_are_written_at_a_time(copy, stored, batches, driver):
    held = []

    def taken():
        for number, batch in enumerate(batches()):
            held.append(1 + number - len(stored()) // ROWS)
            yield batch

    assert merge_batches(copy, taken(), NOW).written == 12 * ROWS

    assert copy.batches_at_a_time == (1 if driver == "sqlite" else 2)
    assert max(held) == copy.batches_at_a_time
