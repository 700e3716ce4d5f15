"""Consecutive runs of a DAG: each continues from the watermark of the newest success."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_3_PLUS

from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.sandbox.server import SandboxServer
from airflow_provider_seventime.testing import running_sandbox

AIRFLOW = Path(sys.executable).parent / "airflow"
DAGS = Path(__file__).parent / "dags"
LONG_AGO = "2020-01-01T00:00:00.000Z"
SYNCS = ("alone", "with_asset", "p1", "p2")


@dataclass
class Account:
    """Sandbox with time logs of two projects, and runs of a DAG over them."""

    sandbox: SandboxServer
    environment: dict[str, str]
    report: Path

    def load(self, numbers: range, project: str, modified: str) -> None:
        self.sandbox.load(
            {
                "timeLogs": [
                    {
                        "_id": f"{project}-{number}",
                        "project": project,
                        "timestamp": LONG_AGO,
                        "modifiedDate": modified,
                        "description": modified,
                    }
                    for number in numbers
                ]
            }
        )

    def change(self, numbers: range, project: str) -> None:
        self.load(numbers, project, format_instant(datetime.now(UTC)))

    def airflow(self, *command: str) -> str:
        ended = subprocess.run(
            [str(AIRFLOW), "dags", *command],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return ended.stdout + ended.stderr

    def run(self, day: int) -> dict[str, Any]:
        output = self.airflow("test", "watermarks", f"2026-10-{day:02}")
        assert self.report.exists(), output[-6000:]
        found: dict[str, Any] = json.loads(self.report.read_text())
        self.report.unlink()
        return found


@pytest.fixture(scope="module")
def runs(airflow_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("watermarks")
    with running_sandbox(time_logs=0) as sandbox:
        environment = os.environ | {
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
            "AIRFLOW_CONN_WAREHOUSE": json.dumps({"conn_type": "sqlite", "host": str(folder / "warehouse.db")}),
            "SEVENTIME_TEST_REPORT": str(folder / "report.json"),
        }
        account = Account(sandbox, environment, folder / "report.json")
        account.airflow("reserialize")  # until then Airflow 3.0 considers the asset unused
        for project in ("p1", "p2"):
            account.load(range(20), project, LONG_AGO)
        found = {"first": account.run(1)}
        account.change(range(2), "p1")
        sandbox.set_faults([{"kind": "status", "status": 403, "times": None}])
        found["failed"] = account.run(2)
        sandbox.clear_faults()
        found["second"] = account.run(3)
        account.change(range(5, 8), "p2")
        found["third"] = account.run(4)
        yield found
    with closing(sqlite3.connect(folder / "warehouse.db")) as warehouse:
        counts = [
            warehouse.execute(f"select count(*), count(distinct description) from {table}").fetchone()
            for table in ("alone", "with_asset", "mapped_p1", "mapped_p2")
        ]
    assert [rows for rows, _ in counts] == [40, 40, 20, 20]


@pytest.mark.parametrize("sync", SYNCS)
def test_the_first_run_reads_all_records(runs, sync):
    manifest = runs["first"][sync]

    assert (manifest["mode"], manifest["rows_read"]) == ("full", 20 if sync.startswith("p") else 40)


@pytest.mark.parametrize("sync", SYNCS)
def test_a_failed_run_returns_nothing(runs, sync):
    assert runs["failed"][sync] is None


@pytest.mark.parametrize(("sync", "changed"), [("alone", 2), ("with_asset", 2), ("p1", 2), ("p2", 0)], ids=str)
def test_a_run_continues_from_the_success_before_a_failure(runs, sync, changed):
    manifest = runs["second"][sync]

    assert (manifest["mode"], manifest["rows_read"], manifest["rows_written"]) == ("incremental", changed, changed)
    assert manifest["modified_since"] == runs["first"][sync]["watermark"]


@pytest.mark.parametrize(("sync", "changed"), [("alone", 3), ("with_asset", 3), ("p1", 0), ("p2", 3)], ids=str)
def test_the_next_run_continues_from_that_run(runs, sync, changed):
    manifest = runs["third"][sync]

    assert (manifest["mode"], manifest["rows_read"], manifest["rows_written"]) == ("incremental", changed, changed)
    assert manifest["modified_since"] == runs["second"][sync]["watermark"]


@pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="assets have a state since Airflow 3.3")
def test_the_asset_stores_the_newest_watermark(runs, airflow_database):
    with closing(sqlite3.connect(airflow_database.removeprefix("sqlite:///"))) as database:
        rows = database.execute(
            "select key, value from asset_state_store s join asset a on a.id = s.asset_id "
            "where a.uri = 'x-warehouse://hours'"
        ).fetchall()

    newest = runs["third"]["with_asset"]
    assert {key: json.loads(value) for key, value in rows} == {
        f"seventime_watermark_{newest['sync']}": {"sync": newest["sync"], "watermark": newest["watermark"]}
    }
