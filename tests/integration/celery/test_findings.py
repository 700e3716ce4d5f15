"""The backfill's verdicts: each of them can come out against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any

import pytest

from tests.integration.celery.findings import (
    Traffic,
    findings_of_run,
    findings_of_tables,
    findings_of_traffic,
    most_at_once,
    most_in_a_second,
    traffic_of,
)
from tests.integration.celery.tables import Table, differences
from tests.integration.real_airflow.airflow_api import DagRun, TaskRun

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
WELL = Traffic(requests=40, rejections=0, most_in_a_second=4, closest_seconds=1.06, seconds=10.0)


def task(number, machine="a", state="success", try_number=1, begins=0, seconds=10, requests_made=20):
    start = NOON + timedelta(seconds=begins)
    end = start + timedelta(seconds=seconds)
    return TaskRun(number, state, machine, 100 + number, try_number, start, end, {"requests_made": requests_made})


RUN = DagRun("success", 12.0, (task(0, "a"), task(1, "b", begins=5)))


def verdicts(findings):
    return [finding.holds for finding in findings]


@pytest.mark.parametrize(
    ("moments", "most"),
    [
        ([], 0),
        ([0.0, 0.25, 0.5, 0.75, 1.0, 1.25], 4),
        ([0.0, 0.25, 0.5, 0.75, 0.999], 5),
        ([0.0, 5.0, 5.1, 5.2, 9.0], 3),
    ],
)
def test_the_fullest_second_begins_anywhere(moments, most):
    assert most_in_a_second(moments) == most


def test_a_journal_is_summed_up():
    arrivals = [(7.5, 200), (7.0, 429), (9.0, 200), (9.5, 200), (9.8, 200), (11.0, 200)]
    journal: list[Any] = [{"monotonic_seconds": second, "status": status} for second, status in arrivals]

    assert traffic_of(journal) == Traffic(6, rejections=1, most_in_a_second=3, closest_seconds=9.8 - 7.0, seconds=4.0)
    assert traffic_of([]) == Traffic(0, 0, 0, inf, 0.0)


def test_tasks_that_follow_one_another_are_not_at_once():
    assert most_at_once([task(0), task(1, begins=10), task(2, begins=15)]) == 2


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (RUN, [True, True]),
        (replace(RUN, state="failed"), [False, True]),
        (replace(RUN, tasks=(task(0, "a"), task(1, "b", state="failed"))), [False, True]),
        (replace(RUN, tasks=(task(0, "a"), task(1, "b", try_number=2))), [False, True]),
        (replace(RUN, tasks=(task(0, "a"), task(1, "a"))), [True, False]),
    ],
    ids=["well", "run-failed", "task-failed", "second-try", "one-worker"],
)
def test_what_airflow_says(run, expected):
    assert verdicts(findings_of_run("run", run, ("a", "b"))) == expected


@pytest.mark.parametrize(
    ("traffic", "expected"),
    [
        (WELL, [True, True, True, True]),
        (replace(WELL, most_in_a_second=5), [False, True, True, True]),
        (replace(WELL, rejections=2), [True, False, True, True]),
        (replace(WELL, seconds=13.4), [True, True, False, True]),
        (replace(WELL, requests=41), [True, True, True, False]),
    ],
    ids=["well", "fast", "rejected", "idle", "untold"],
)
def test_what_seven_time_says(traffic, expected):
    assert verdicts(findings_of_traffic("run", RUN, traffic)) == expected


TABLE = Table({"id": "TEXT", "synced_at": "TIMESTAMP"}, {"1": {"id": "1", "hours": 8}, "2": {"id": "2", "hours": 4}})


def test_equal_tables_have_no_differences():
    assert verdicts(findings_of_tables(TABLE, replace(TABLE), ["2", "1"])) == [True, True]


def test_a_table_that_lacks_a_record_of_the_source_is_not_whole():
    assert verdicts(findings_of_tables(TABLE, TABLE, ["1", "2", "3"])) == [False, True]


@pytest.mark.parametrize(
    ("other", "line"),
    [
        (
            replace(TABLE, columns={"id": "TEXT"}),
            "columns: {'id': 'TEXT', 'synced_at': 'TIMESTAMP'} and {'id': 'TEXT'}",
        ),
        (replace(TABLE, rows={"1": TABLE.rows["1"]}), "2: only in the first table"),
        (replace(TABLE, rows={**TABLE.rows, "3": {"id": "3"}}), "3: only in the second table"),
        (replace(TABLE, rows={**TABLE.rows, "2": {"id": "2", "hours": 5}}), "2: hours: 4 and 5"),
        (replace(TABLE, rows={**TABLE.rows, "2": {"id": "2"}}), "2: hours: 4 and None"),
    ],
    ids=["columns", "row-missing", "row-added", "value", "no-value"],
)
def test_each_difference_is_told(other, line):
    assert list(differences(TABLE, other)) == [line]
    assert verdicts(findings_of_tables(TABLE, other, TABLE.rows)) == [True, False]
