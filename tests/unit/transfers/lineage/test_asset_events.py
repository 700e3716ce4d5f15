"""Values that a run adds to the events of its outlets, with Airflow's own objects."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import AirflowSkipException, Asset, AssetAlias

from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.hooks.task_errors import PermanentTaskError
from airflow_provider_seventime.transfers.lineage.asset_events import RunLineage, report
from airflow_provider_seventime.transfers.lineage.dataset_uris import Address
from airflow_provider_seventime.transfers.seventime_to_object_storage import SevenTimeToObjectStorageOperator
from airflow_provider_seventime.transfers.seventime_to_sql import SevenTimeToSqlOperator
from tests.unit.transfers.outlet_events import OutletEventAccessors, events_of_alias

DOCUMENT = Path(__file__).parents[4] / "docs" / "lineage.md"
COPY = Asset("customers_copy")
ALIAS = AssetAlias("copies")
SOURCE = Address("seventime://app.seventime.se/customers", "seventime://app.seventime.se", "customers")
MANIFEST = {"resource": "customers", "table": "t", "mode": "full", "rows_written": 1, "filters": {"name": "Åsa"}}


@pytest.fixture
def seventime_sandbox_options():
    return {"time_logs": 0, "today": date(2026, 10, 1)}


@pytest.fixture
def sandbox(seventime_sandbox):
    return seventime_sandbox


@pytest.fixture
def events():
    return OutletEventAccessors()


@pytest.fixture
def sync(sandbox, warehouse_path, events):
    def run(**parameters):
        operator = SevenTimeToSqlOperator(
            task_id="sync", **{"resource": "customers", "sql_conn_id": "warehouse", "outlets": [COPY], **parameters}
        )
        return operator.execute({"outlet_events": events})

    return run


def lineage(target: Address | None) -> RunLineage:
    return RunLineage(source=SOURCE, target=target, fields=(), columns=(), manifest=MANIFEST)


def test_an_asset_gets_the_figures_of_the_run(sync, events):
    manifest = sync()

    assert manifest["rows_read"] > 0
    assert events[COPY].extra == {
        "resource": "customers",
        "table": "seventime_customers",
        "mode": "full",
        "start": None,
        "end": None,
        "rows_read": manifest["rows_read"],
        "rows_written": manifest["rows_read"],
        "rows_deleted": 0,
        "watermark": manifest["watermark"],
    }


def test_a_run_without_changes_reports_no_rows_written(sync, events):
    read = sync()["rows_read"]

    sync()

    assert (events[COPY].extra["rows_read"], events[COPY].extra["rows_written"]) == (read, 0)


def test_a_window_reports_its_bounds(sync, events):
    sync(resource="timeLogs", start="2026-09-01", end="2026-10-01")

    extra = events[COPY].extra
    assert (extra["mode"], extra["start"], extra["end"]) == (
        "window",
        "2026-08-31T22:00:00.000Z",
        "2026-09-30T22:00:00.000Z",
    )


def test_existing_values_of_the_event_stay(sync, events):
    events[COPY].extra["by"] = "pre_execute"

    sync()

    assert events[COPY].extra["by"] == "pre_execute"
    assert events[COPY].extra["rows_written"] > 0


def test_every_asset_gets_the_figures(sync, events):
    other = Asset("other")

    sync(outlets=[COPY, other])

    assert events[other].extra == events[COPY].extra
    assert events[other].extra["rows_written"] > 0


def test_an_alias_gets_the_table_as_an_asset(sync, events, warehouse_path):
    sync(outlets=[ALIAS, COPY])

    assert events_of_alias(ALIAS, events) == [
        (f"x-sqlite://{warehouse_path}/main/seventime_customers", events[COPY].extra)
    ]


def test_an_alias_gets_the_file_as_an_asset(sandbox, events, tmp_path):
    path = tmp_path / "customers.jsonl"
    operator = SevenTimeToObjectStorageOperator(
        task_id="export", resource="customers", path=str(path), outlets=[ALIAS, COPY]
    )

    manifest = operator.execute({"outlet_events": events})

    assert events_of_alias(ALIAS, events) == [(f"file://{path}", events[COPY].extra)]
    assert events[COPY].extra == {
        "resource": "customers",
        "path": str(path),
        "mode": "full",
        "start": None,
        "end": None,
        "rows_read": manifest["rows_read"],
        "rows_written": manifest["rows_read"],
        "rows_deleted": None,
        "watermark": manifest["watermark"],
    }


def test_a_failed_run_adds_nothing(sandbox, sync, events):
    sandbox.load({"timeLogs": [{"_id": "odd", "timestamp": "2026-09-15T06:00:00.000Z", "time": "eight"}]})

    with pytest.raises(PermanentTaskError):
        sync(resource="timeLogs", outlets=[COPY, ALIAS])

    assert events[COPY].extra == {}
    assert events_of_alias(ALIAS, events) == []


def test_an_outlet_that_is_no_asset_is_ignored(sync, events):
    sync(outlets=["a text", COPY])

    assert len(events) == 1


def test_a_context_without_events(sandbox, warehouse_path):
    operator = SevenTimeToSqlOperator(
        task_id="sync", resource="customers", sql_conn_id="warehouse", outlets=[COPY, ALIAS]
    )

    assert operator.execute({})["rows_written"] > 0


@pytest.mark.parametrize(
    ("target", "message"),
    [
        pytest.param(None, "has no address that another DAG could use", id="no-address"),
        pytest.param(Address(f"file:///{'x' * 4000}", "file", "x"), "refuses", id="too-long"),
    ],
)
def test_an_alias_without_an_asset_logs_a_warning(events, logs, target, message):
    report(lineage(target), {"outlet_events": events}, [COPY, ALIAS], SevenTimeHook())

    assert events_of_alias(ALIAS, events) == []
    assert events[COPY].extra["rows_written"] == 1
    assert message in logs
    assert "The alias 'copies' gets no event" in logs


def test_an_extra_has_plain_values_and_no_filters():
    extra = lineage(None).event_extra

    assert set(map(type, extra.values())) <= {str, int, type(None)}
    assert hash(frozenset(extra.items()))  # as Airflow 2.11 does
    assert "Åsa" not in json.dumps(extra, ensure_ascii=False)


@pytest.fixture
def changed_since():
    """Return the task of the DAG in docs/lineage.md that runs on an asset."""
    blocks = DOCUMENT.read_text(encoding="utf-8").split("```python\n")[1:]
    (source,) = [block.split("```", 1)[0] for block in blocks if "def customers_mart" in block]
    namespace = {}
    exec(compile(source.removesuffix("\ncustomers_mart()\n"), DOCUMENT, "exec"), namespace)
    return namespace["customers_mart"]().get_task("changed_since").python_callable


def events_of(*extras):
    return {COPY.uri: [SimpleNamespace(extra=extra) for extra in extras]}


def test_the_documented_dag_reads_from_the_first_change(sandbox, changed_since, sync, events):
    manifest = sync()
    first = dict(events[COPY].extra)
    sandbox.advance(3_600)
    sync()

    assert changed_since(events_of(first, events[COPY].extra)) == manifest["watermark"]
    assert events[COPY].extra["watermark"] > manifest["watermark"]


def test_the_documented_dag_skips_without_changes(changed_since, sync, events):
    sync()
    sync()

    with pytest.raises(AirflowSkipException):
        changed_since(events_of(events[COPY].extra))


def test_rows_of_a_run_are_found_by_its_watermark(sandbox, sync, warehouse_path):
    sync()
    sandbox.advance(3_600)
    sandbox.load({"customers": [{"_id": "new", "name": "Ny AB"}]})

    manifest = sync()

    with closing(sqlite3.connect(warehouse_path)) as database:
        # As SQLite stores instants.
        since = manifest["watermark"].replace("T", " ").removesuffix("Z")
        found = database.execute("select id from seventime_customers where synced_at >= ?", [since]).fetchall()
    assert found == [("new",)]
