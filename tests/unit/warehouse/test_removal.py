"""Which rows a read did not hold, and taking them out."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

NOW = datetime(2026, 9, 2, 3, tzinfo=UTC)
START = datetime(2026, 9, 1, tzinfo=UTC)
END = datetime(2026, 10, 1, tzinfo=UTC)


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
    copy.merge([time_log("a", timestamp=timestamp)], NOW)

    assert copy.rows_not_read("timestamp", START, END, {}, set()) == (["a"] if inside else [])


def test_a_window_given_in_another_zone(copy, time_log):
    copy.merge([time_log("a", timestamp="2026-08-31T22:00:00.000Z")], NOW)
    start = datetime(2026, 9, 1, tzinfo=ZoneInfo("Europe/Stockholm"))

    assert copy.rows_not_read("timestamp", start, END, {}, set()) == ["a"]


@pytest.mark.parametrize(
    ("equal", "expected"),
    [
        pytest.param({}, ["a", "b", "c"], id="no-filter"),
        pytest.param({"project": "p1"}, ["a", "b"], id="id"),
        pytest.param({"isAbsence": False}, ["a"], id="flag-does-not-count-unknown-as-false"),
        pytest.param({"workOrderNumber": 12}, ["c"], id="number"),
        pytest.param({"project": "p1", "isAbsence": True}, ["b"], id="two-at-once"),
        pytest.param({"timeCategory": "none"}, [], id="nothing"),
    ],
)
def test_only_rows_that_the_filter_would_let_through(copy, time_log, equal, expected):
    copy.merge(
        [
            time_log("a", project="p1", isAbsence=False),
            time_log("b", project="p1", isAbsence=True),
            time_log("c", workOrderNumber=12),
        ],
        NOW,
    )

    assert sorted(copy.rows_not_read("timestamp", START, END, equal, set())) == expected


def test_rows_that_were_read_are_not_among_them(copy, time_log):
    copy.merge([time_log("a"), time_log("b")], NOW)

    assert copy.rows_not_read("timestamp", START, END, {}, {"a", "elsewhere"}) == ["b"]


def test_deleting_counts_what_was_there(copy, query, time_log):
    copy.merge([time_log(f"{number:04}") for number in range(1_200)], NOW)

    assert copy.delete([f"{number:04}" for number in range(1, 1_200)] + ["elsewhere"]) == 1_199
    assert query("select id from seventime_time_logs") == [("0000",)]


def test_deleting_nothing_asks_nothing(copy):
    assert copy.delete([]) == 0
