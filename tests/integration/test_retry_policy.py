"""Airflow takes the retry policy's decisions: how often it tries, and how long it waits in between."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from sqlite3 import Row, connect

import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_3_PLUS

from airflow_provider_seventime.testing import running_sandbox

pytestmark = pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="retry policies came with Airflow 3.3")

AIRFLOW = Path(sys.executable).parent / "airflow"
DAGS = Path(__file__).parent / "dags"
ATTEMPTS_OF_A_TRY = 6
ASKED_SECONDS = 2

# One row for each try: those before the last stand in the history.
TRIES = """
    SELECT task_id, try_number, state, start_date, end_date, retry_delay_override, retry_reason
    FROM (SELECT {columns} FROM task_instance_history UNION ALL SELECT {columns} FROM task_instance)
    WHERE dag_id = 'retry_policies' ORDER BY task_id, try_number
"""
COLUMNS = "dag_id, task_id, try_number, state, start_date, end_date, retry_delay_override, retry_reason"


def failing(collection, **fault):
    """Let the first try of a task fail: its requests to this collection, as often as one try makes them."""
    return {"collection": collection, "kind": "status", "times": ATTEMPTS_OF_A_TRY, **fault}


@pytest.fixture(scope="module")
def tries(airflow_database: str) -> dict[str, list[Row]]:
    """Run the DAG and return what Airflow's database says of each task's tries."""
    with running_sandbox(today=date(2026, 10, 1)) as sandbox:
        sandbox.set_faults(
            [
                failing("companyInformation", status=503, retry_after=ASKED_SECONDS),
                failing("projects", status=429, retry_after=ASKED_SECONDS),
                failing("customers", status=500),
            ]
        )
        ended = subprocess.run(
            [str(AIRFLOW), "dags", "test", "retry_policies"],
            env=os.environ | {"AIRFLOW__CORE__DAGS_FOLDER": str(DAGS)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    with closing(connect(airflow_database.removeprefix("sqlite:///"))) as database:
        database.row_factory = Row
        rows = database.execute(TRIES.format(columns=COLUMNS)).fetchall()
    assert rows, (ended.stdout + ended.stderr)[-6000:]
    return {task: [row for row in rows if row["task_id"] == task] for task in {row["task_id"] for row in rows}}


def seconds_between(first: Row, second: Row) -> float:
    return (datetime.fromisoformat(second["start_date"]) - datetime.fromisoformat(first["end_date"])).total_seconds()


@pytest.mark.parametrize("task", ["asked_to_wait", "wrapped"])
def test_the_next_try_comes_no_sooner_than_the_api_asked(tries, task):
    first, second = tries[task]

    assert second["state"] == "success"
    assert first["retry_delay_override"] >= ASKED_SECONDS
    assert first["retry_reason"].startswith("Seven Time asked to wait 2 s")
    assert seconds_between(first, second) >= first["retry_delay_override"]


def test_where_nothing_was_asked_the_tasks_own_delay_counts(tries):
    first, second = tries["not_asked_to_wait"]

    assert second["state"] == "success"
    assert (first["retry_delay_override"], first["retry_reason"]) == (None, None)


def test_a_permanent_error_in_a_function_is_not_tried_again(tries):
    (only,) = tries["refused"]

    assert only["state"] == "failed"
