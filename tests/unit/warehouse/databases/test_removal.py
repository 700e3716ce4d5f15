"""Rows that a read did not return, and their deletion or mark, on every database."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from tests.unit.warehouse.record_copy import RecordCopy

NOW = datetime(2026, 9, 2, 3, tzinfo=UTC)
LATER = datetime(2026, 9, 3, 3, 0, 0, 500, tzinfo=UTC)
SEPTEMBER = ("timestamp", datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC))


@pytest.fixture
def marking(engine):
    """A copy that marks deletions."""
    copy = RecordCopy(engine, "seventime_time_logs", TIME_LOGS, marks_deletions=True)
    copy.prepare()
    return copy


@pytest.mark.parametrize(
    ("timestamp", "inside"),
    [
        pytest.param("2026-08-31T23:59:59.999Z", False, id="just-before"),
        pytest.param("2026-09-01T00:00:00.000Z", True, id="first-instant"),
        pytest.param("2026-09-30T23:59:59.999Z", True, id="last-instant"),
        pytest.param("2026-10-01T00:00:00.000Z", False, id="first-instant-after"),
        pytest.param(None, False, id="no-instant"),
    ],
)
def test_the_edges_of_a_window(copy, time_log, timestamp, inside):
    copy.merge_records([time_log("a", timestamp=timestamp)], NOW)

    assert copy.rows_not_read(set(), window=SEPTEMBER, equal={}) == (["a"] if inside else [])


def test_a_window_given_in_another_zone(copy, time_log):
    copy.merge_records([time_log("a", timestamp="2026-08-31T22:00:00.000Z")], NOW)
    start = datetime(2026, 9, 1, tzinfo=ZoneInfo("Europe/Stockholm"))

    assert copy.rows_not_read(set(), window=("timestamp", start, SEPTEMBER[2]), equal={}) == ["a"]


@pytest.mark.parametrize(
    ("equal", "expected"),
    [
        pytest.param({}, ["a", "b", "c", "d"], id="no-filter"),
        pytest.param({"project": "p1"}, ["a", "b"], id="id"),
        pytest.param({"isAbsence": False}, ["a"], id="flag-null-is-not-false"),
        pytest.param({"workOrderNumber": "12"}, ["c"], id="number"),
        pytest.param({"project": "p1", "isAbsence": True}, ["b"], id="two-at-once"),
        pytest.param({"timeCategory": "none"}, [], id="nothing"),
        pytest.param({"description": "Möte"}, ["a"], id="text-exact"),
        pytest.param({"description": "Möte", "project": "p2"}, [], id="text-and-another"),
    ],
)
def test_only_rows_that_match_the_filter(copy, time_log, equal, expected):
    copy.merge_records(
        [
            time_log("a", project="p1", isAbsence=False, description="Möte"),
            time_log("b", project="p1", isAbsence=True, description="möte"),
            time_log("c", workOrderNumber=12, description="Möte "),
            time_log("d", project="p2", description="Mote"),
        ],
        NOW,
    )

    assert sorted(copy.rows_not_read(set(), window=SEPTEMBER, equal=equal)) == expected


def test_rows_that_the_read_returned_are_not_missing(copy, time_log):
    copy.merge_records([time_log("a"), time_log("b")], NOW)

    assert copy.rows_not_read({"a", "elsewhere"}, window=SEPTEMBER, equal={}) == ["b"]


def test_without_a_window_every_row_belongs_to_the_read(copy, time_log):
    copy.merge_records([time_log("a", timestamp=None), time_log("b", timestamp="1999-01-01T00:00:00.000Z")], NOW)

    assert sorted(copy.rows_not_read(set(), window=None, equal={})) == ["a", "b"]


def test_delete_counts_existing_rows(copy, stored, time_log):
    copy.merge_records([time_log(f"{number:04}") for number in range(1_200)], NOW)

    assert copy.delete({f"{number:04}" for number in range(1, 1_200)} | {"elsewhere"}) == 1_199
    assert set(stored()) == {"0000"}


def test_no_ids_to_delete_or_mark(copy):
    assert copy.delete([]) == 0
    assert copy.mark_deleted([], NOW) == 0


def test_a_row_is_marked_once(marking, stored, time_log):
    marking.merge_records([time_log(f"{number:04}") for number in range(600)], NOW)
    ids = [f"{number:04}" for number in range(599)]

    assert marking.mark_deleted(ids, LATER) == 599
    assert marking.mark_deleted([*ids, "elsewhere", "0599"], NOW) == 1
    rows = stored(marks_deletions=True)
    assert {rows[row_id]["deleted_at"] for row_id in ids} == {LATER}
    assert rows["0599"]["deleted_at"] == NOW
    assert {row["synced_at"] for row in rows.values()} == {NOW}


def test_a_marked_row_is_not_missing_again(marking, time_log):
    marking.merge_records([time_log("a"), time_log("b")], NOW)
    marking.mark_deleted(["a"], LATER)

    assert marking.rows_not_read(set(), window=SEPTEMBER, equal={}) == ["b"]
    assert marking.rows_not_read(set(), window=None, equal={}) == ["b"]


@pytest.mark.parametrize("marks_deletions", [True, False], ids=["marking", "no-longer-marking"])
@pytest.mark.parametrize("hours", [8, 6], ids=["as-it-was", "changed"])
def test_a_row_whose_record_returns_is_unmarked(engine, marking, stored, time_log, hours, marks_deletions):
    marking.merge_records([time_log("a"), time_log("b"), time_log("c")], NOW)
    marking.mark_deleted(["a", "b"], NOW)

    copy = RecordCopy(engine, "seventime_time_logs", TIME_LOGS, marks_deletions=marks_deletions)
    copy.check()
    copy.prepare()

    assert copy.merge_records([time_log("a", time=hours), time_log("c")], LATER) == 1
    rows = stored(marks_deletions=True)
    assert {row_id: row["deleted_at"] for row_id, row in rows.items()} == {"a": None, "b": NOW, "c": None}
    assert (rows["a"]["time"], rows["a"]["synced_at"]) == (hours, LATER)
    assert copy.merge_records([time_log("a", time=hours), time_log("c")], LATER) == 0
    assert copy.rows_not_read(set(), window=None, equal={}) in (["a", "c"], ["c", "a"])
    assert copy.delete(["b"]) == 1


def test_an_existing_table_gets_the_column_of_marks(engine, copy, stored, time_log):
    copy.merge_records([time_log("a"), time_log("b")], NOW)

    marking = RecordCopy(engine, "seventime_time_logs", TIME_LOGS, marks_deletions=True)
    marking.check()
    marking.prepare()

    assert marking.mark_deleted(["a"], LATER) == 1
    assert {row["deleted_at"] for row in stored(marks_deletions=True).values()} == {LATER, None}
