"""Sync of many time logs to each kind of database, compared with the source field by field.

``make test ARGS="tests/integration/warehouse -k many -s"`` prints the durations.
``SEVENTIME_WAREHOUSE_TIME_LOGS=100000`` sets the number of time logs.
"""

from __future__ import annotations

import sys
import time
from datetime import date
from typing import Any

import pytest

from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.operators.time_logs import SyncTimeLogsOperator
from airflow_provider_seventime.testing import running_sandbox
from airflow_provider_seventime.warehouse.schema.columns import column_name
from tests.integration.warehouse.databases import record_of
from tests.sizes import WAREHOUSE_TIME_LOGS
from tests.unit.conftest import TaskInstance

TABLE = "seventime_time_logs"


@pytest.fixture(scope="module")
def many():
    """Run a sandbox with many time logs, and return them by id."""
    with running_sandbox(today=date(2026, 10, 1), time_logs=WAREHOUSE_TIME_LOGS) as sandbox:
        yield {record["_id"]: record for record in sandbox.records("timeLogs")}


@pytest.fixture(autouse=True)
def no_settings_of_the_machine():
    """Replace the fixture that removes every connection, because the sandbox serves all tests of the module."""


def sync(**parameters):
    started = time.monotonic()
    operator = SyncTimeLogsOperator(task_id="sync", sql_conn_id="warehouse", **parameters)
    context: Any = {"ti": TaskInstance()}
    manifest = operator.execute(context)
    return manifest, time.monotonic() - started


def test_many_time_logs_equal_the_source(many, database, capsys):
    first, first_seconds = sync()

    assert (
        (first["rows_read"], first["rows_written"])
        == (len(many), len(many))
        == (WAREHOUSE_TIME_LOGS, WAREHOUSE_TIME_LOGS)
    )
    rows = {row["id"]: row for row in database.rows(TABLE)}
    assert rows.keys() == many.keys()
    for row_id, row in rows.items():
        record = many[row_id]
        assert record_of(row) == record
        for field, kind in TIME_LOGS.fields.items():
            actual, expected = (
                database.actual(kind, row[column_name(field)]),
                database.expected(kind, record.get(field)),
            )
            assert (type(actual), actual) == (type(expected), expected), f"{row_id}: {field}"

    second, second_seconds = sync()
    window, window_seconds = sync(start="2026-09-01", end="2026-10-01")

    assert (second["rows_read"], second["rows_written"], second["rows_deleted"]) == (len(many), 0, 0)
    assert (window["rows_written"], window["rows_deleted"]) == (0, 0)
    assert {row["id"]: row for row in database.rows(TABLE)} == rows
    with capsys.disabled():
        sys.stdout.write(
            f"\n{database.kind}: {len(many)} time logs in {first_seconds:.1f} s, again in {second_seconds:.1f} s, "
            f"a month of {window['rows_read']} in {window_seconds:.1f} s\n"
        )
