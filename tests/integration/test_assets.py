"""Assets, hook lineage and OpenLineage as Airflow itself records them, and tables of real servers among them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from sqlite3 import connect
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import Asset, AssetAlias
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS
from airflow.providers.mysql.assets import mysql as mysql_assets
from airflow.providers.postgres.assets import postgres as postgres_assets

from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.testing import running_sandbox
from airflow_provider_seventime.transfers.seventime_to_sql import SevenTimeToSqlOperator
from tests.integration.dags.clock_without_waits import ClockWithoutWaits
from tests.integration.keep_warehouse.warehouses import warehouse
from tests.unit.transfers.outlet_events import OutletEventAccessors, events_of_alias

AIRFLOW = Path(sys.executable).parent / "airflow"
TESTS = Path(__file__).parent
PASSWORD = "p4ss-w0rd-of-the-warehouse"
KEY = "kEy-0f-the-asset-tests-only"
WORD = "asset" if AIRFLOW_V_3_0_PLUS else "dataset"
EVENTS = f"""
    SELECT event.source_task_id, event.source_map_index, {WORD}.uri, event.extra
    FROM {WORD}_event AS event JOIN {WORD} ON {WORD}.id = event.{WORD}_id
    WHERE event.source_dag_id = 'assets_in_airflow' ORDER BY event.id
"""
ALIASES = f"""
    SELECT DISTINCT alias.name, {WORD}.uri
    FROM {WORD}_alias AS alias
    JOIN {WORD}_alias_{WORD}_event AS linked ON linked.alias_id = alias.id
    JOIN {WORD}_event AS event ON event.id = linked.event_id
    JOIN {WORD} ON {WORD}.id = event.{WORD}_id
    WHERE event.source_dag_id = 'assets_in_airflow'
"""
QUEUED = f"SELECT target_dag_id FROM {WORD}_dag_run_queue"


@dataclass
class Event:
    """An event of an asset, as Airflow's database has it."""

    task: str
    map_index: int
    uri: str
    extra: dict[str, Any]


@dataclass
class Run:
    """Result of a run of the DAG."""

    folder: Path
    host: str
    events: list[Event]
    aliases: set[tuple[str, str]]
    queued: set[str]
    reported: list[dict[str, Any]]
    collected: list[dict[str, Any]]

    def of(self, task: str) -> list[Event]:
        return [event for event in self.events if event.task == task]


@pytest.fixture(scope="module")
def run(airflow_database: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("assets")
    with running_sandbox(today=date(2026, 10, 1), api_key=KEY) as sandbox:
        environment = os.environ | {
            "AIRFLOW_CONN_WAREHOUSE": json.dumps({"conn_type": "sqlite", "host": str(folder / "warehouse.db")}),
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(TESTS / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(TESTS / "plugins"),
            "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(
                {"type": "file", "log_file_path": str(folder / "openlineage.json"), "append": True}
            ),
            "SEVENTIME_TEST_FOLDER": str(folder),
            "SEVENTIME_TEST_LINEAGE": str(folder / "collected.json"),
        }
        output = "".join(airflow(environment, *command) for command in (["reserialize"], ["test", "assets_in_airflow"]))
        host = sandbox.base_url.partition("://")[2]
    with closing(connect(airflow_database.removeprefix("sqlite:///"))) as database:
        events = [Event(task, index, uri, json.loads(extra)) for task, index, uri, extra in database.execute(EVENTS)]
        aliases = set(database.execute(ALIASES).fetchall())
        queued = {row[0] for row in database.execute(QUEUED)}
    assert events, output[-6000:]
    return Run(
        folder, host, events, aliases, queued, lines(folder / "openlineage.json"), lines(folder / "collected.json")
    )


def airflow(environment: dict[str, str], *command: str) -> str:
    ended = subprocess.run(
        [str(AIRFLOW), "dags", *command], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    return ended.stdout + ended.stderr


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_an_event_carries_the_figures_of_its_run(run):
    (event,) = run.of("customers")

    figures = {name: event.extra.pop(name) for name in ("rows_read", "rows_written", "watermark")}
    assert event.uri == "seventime_customers"
    assert event.extra == {
        "table": "seventime_customers",
        "resource": "customers",
        "mode": "full",
        "start": None,
        "end": None,
        "rows_deleted": 0,
    }
    assert figures["rows_read"] == figures["rows_written"] > 0
    assert figures["watermark"].endswith("Z")


def test_a_run_that_changed_nothing_makes_an_event_too(run):
    (event,) = run.of("unchanged")

    assert event.extra["rows_read"] > 0
    assert (event.extra["rows_written"], event.extra["rows_deleted"]) == (0, 0)


def test_a_failed_run_makes_none(run):
    assert run.of("refused") == []


def test_each_mapped_instance_makes_an_event_of_its_window(run):
    windows = {event.map_index: (event.extra["start"], event.extra["end"]) for event in run.of("hours")}

    assert windows == {
        0: ("2026-07-31T22:00:00.000Z", "2026-08-31T22:00:00.000Z"),
        1: ("2026-08-31T22:00:00.000Z", "2026-09-30T22:00:00.000Z"),
    }


def test_an_alias_makes_the_asset_that_was_written(run):
    table, file = (
        f"x-sqlite://{run.folder}/warehouse.db/main/seventime_time_logs",
        f"file://{run.folder}/projects.jsonl",
    )

    assert run.aliases == {("hours", table), ("files", file)}
    assert [(event.uri, event.extra["path"]) for event in run.of("files")] == [(file, f"{run.folder}/projects.jsonl")]


def test_a_dag_that_runs_on_the_asset_is_to_be_run(run):
    assert "reports_of_customers" in run.queued


def test_readers_of_hook_lineage_get_the_collection_and_the_table(run):
    first = run.collected[0]

    assert first == {
        "task": "customers",
        "inputs": [f"seventime://{run.host}/customers"],
        "outputs": [f"x-sqlite://{run.folder}/warehouse.db/main/seventime_customers"],
        "collected_by": ["SevenTimeHook"],
    }
    assert f"file://{run.folder}/projects.jsonl" in run.collected[-1]["outputs"]


def test_openlineage_is_told_of_every_success(run):
    reported = {
        event["job"]["name"].partition(".")[2]: [
            (dataset["namespace"], dataset["name"]) for dataset in (*event["inputs"], *event["outputs"])
        ]
        for event in run.reported
        if event["eventType"] == "COMPLETE" and "parent" in event["run"]["facets"]
    }

    source, database = f"seventime://{run.host}", f"sqlite://{run.folder}/warehouse.db"
    assert reported == {
        "customers": [(source, "customers"), (database, "main.seventime_customers")],
        "unchanged": [(source, "customers"), (database, "main.seventime_customers")],
        "hours": [(source, "timeLogs"), (database, "main.seventime_time_logs")],
        "files": [(source, "projects"), ("file", f"{run.folder}/projects.jsonl")],
    }


def test_the_key_is_in_nothing_that_was_told(run):
    assert KEY not in json.dumps([run.reported, run.collected, [event.extra for event in run.events]])


@pytest.fixture(params=["postgresql", "mariadb"])
def lineage(request, seventime_sandbox, monkeypatch, tmp_path):
    """Report of a run into a table of a server: asset and dataset, and what its database is called."""
    monkeypatch.setattr(SevenTimeHook, "clock", ClockWithoutWaits())
    with warehouse(request.param, tmp_path) as connection:
        parts = json.loads(connection)
        # Servers that trust this machine look at no password.
        password = {"password": PASSWORD} if request.param == "postgresql" else {}
        monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", json.dumps(parts | password))
        alias, events = AssetAlias("copies"), OutletEventAccessors()
        sync = SevenTimeToSqlOperator(
            task_id="sync", resource="departments", sql_conn_id="warehouse", table="copy", outlets=[alias]
        )
        sync.execute({"outlet_events": events})
        ((uri, _),) = events_of_alias(alias, events)
        yield uri, sync.get_openlineage_facets_on_complete(None).outputs[0], parts["schema"]


def test_a_table_of_a_server_is_spelled_as_its_provider_does(lineage):
    uri, output, database = lineage
    where = {"host": "127.0.0.1", "database": database, "table": "copy"}
    if uri.startswith("postgres"):
        asset = postgres_assets.create_asset(**where, schema="public")
        dataset = postgres_assets.convert_asset_to_openlineage(asset, None)
        types = {"is_active": "BOOLEAN", "record": "JSONB", "synced_at": "TIMESTAMP WITH TIME ZONE"}
    else:
        types = {"is_active": "BOOL", "synced_at": "DATETIME(6)"}
        asset, dataset = Asset(f"mysql://127.0.0.1:3306/{database}/copy"), None
        if hasattr(mysql_assets, "create_asset"):  # the version that is pinned for Airflow 3.2 lacks it
            asset = mysql_assets.create_asset(**where)
            dataset = mysql_assets.convert_asset_to_openlineage(asset, None)

    assert uri == asset.uri
    assert dataset is None or (output.namespace, output.name) == (dataset.namespace, dataset.name)
    assert types.items() <= {field.name: field.type for field in output.facets["schema"].fields}.items()
    assert PASSWORD not in repr((uri, output))
