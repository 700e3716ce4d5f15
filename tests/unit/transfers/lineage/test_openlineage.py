"""Lineage of a run for the OpenLineage provider, as docs/lineage.md shows it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from airflow.providers.openlineage.extractors import OperatorLineage
from openlineage.client.serde import Serde

from airflow_provider_seventime.hooks.task_errors import PermanentTaskError
from airflow_provider_seventime.transfers.lineage.asset_events import RunLineage
from airflow_provider_seventime.transfers.lineage.dataset_uris import Address
from airflow_provider_seventime.transfers.lineage.openlineage import openlineage_of
from airflow_provider_seventime.transfers.seventime_to_object_storage import SevenTimeToObjectStorageOperator
from airflow_provider_seventime.transfers.seventime_to_sql import SevenTimeToSqlOperator

DOCUMENT = Path(__file__).parents[4] / "docs" / "lineage.md"
SOURCE = Address("seventime://app.seventime.se/timeTypes", "seventime://app.seventime.se", "timeTypes")
SQL_SERVER = Address("x-mssql://db:1433/lake/dbo/t", "mssql://db:1433", "lake.dbo.t", provisional=True)


@pytest.fixture
def seventime_sandbox_options():
    return {"time_logs": 0, "today": date(2026, 10, 1)}


@pytest.fixture
def operator(seventime_sandbox, warehouse_path):
    def make(**parameters):
        return SevenTimeToSqlOperator(
            task_id="sync", **{"resource": "departments", "sql_conn_id": "warehouse", **parameters}
        )

    return make


def dataset(found) -> dict:
    """Return a dataset as it is sent, without the producer and schema URL of each facet."""

    def bare(value):
        if isinstance(value, list):
            return [bare(one) for one in value]
        if isinstance(value, dict):
            fields = {name: bare(one) for name, one in value.items() if not name.startswith("_")}
            return {name: one for name, one in fields.items() if one not in ([], {})}
        return value

    return bare(json.loads(Serde.to_json(found)))


def columns(found) -> dict[str, str]:
    return {field["name"]: field["type"] for field in dataset(found)["facets"]["schema"]["fields"]}


def lineage(**changes) -> RunLineage:
    manifest = {"table": "lake.dbo.t", "rows_written": 7}
    given = {"source": SOURCE, "target": SQL_SERVER, "fields": (), "columns": (), "manifest": manifest}
    return RunLineage(**{**given, **changes})


def test_a_run_is_reported_as_documented(operator, seventime_sandbox, warehouse_path):
    sync = operator()
    manifest = sync.execute({})

    facets = sync.get_openlineage_facets_on_complete(None)

    shown = DOCUMENT.read_text(encoding="utf-8").split("```json\n", 1)[1].split("```", 1)[0]
    host = seventime_sandbox.base_url.partition("://")[2]
    reported = {
        "inputs": [dataset(found) for found in facets.inputs],
        "outputs": [dataset(found) for found in facets.outputs],
    }
    text = json.dumps(reported).replace(host, "app.seventime.se").replace(str(warehouse_path), "/srv/warehouse.db")
    assert json.loads(text) == json.loads(shown)
    assert manifest["rows_written"] == reported["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"]


def test_the_columns_are_those_of_the_table(operator):
    sync = operator(resource="timeLogs", deletions="mark", mode="full")
    sync.execute({})

    (output,) = sync.get_openlineage_facets_on_complete(None).outputs

    found = columns(output)
    assert (found["id"], found["invoiceable_time"], found["timestamp"]) == ("TEXT", "NUMERIC", "DATETIME")
    assert list(found)[-3:] == ["record", "synced_at", "deleted_at"]


def test_the_fields_are_those_of_the_contract(operator):
    sync = operator(resource="timeLogs")
    sync.execute({})

    (source,) = sync.get_openlineage_facets_on_complete(None).inputs

    found = columns(source)
    assert (found["_id"], found["invoiceableTime"], found["timestamp"]) == ("id", "number", "instant")


@pytest.mark.parametrize(
    ("name", "parameters", "expected", "files"),
    [
        ("x.jsonl", {}, {"_id": "id", "name": "text"}, 1),
        ("x.parquet", {}, {"id": "string", "name": "string", "record": "string"}, 1),
        ("x.jsonl", {"exclude_fields": ["name"]}, {"_id": "id"}, 1),
    ],
    ids=["json-lines", "parquet", "excluded"],
)
def test_a_file(seventime_sandbox, tmp_path, name, parameters, expected, files):
    path = tmp_path / name
    export = SevenTimeToObjectStorageOperator(task_id="export", resource="timeCategories", path=str(path), **parameters)
    manifest = export.execute({})

    (output,) = export.get_openlineage_facets_on_complete(None).outputs

    assert (output.namespace, output.name) == ("file", str(path))
    assert expected.items() <= columns(output).items()
    assert ("name" in columns(output)) == ("name" in expected)
    statistics = dataset(output)["outputFacets"]["outputStatistics"]
    assert statistics == {
        "rowCount": manifest["rows_written"],
        "size": path.stat().st_size,
        "fileCount": files,
    }


def test_partitions_are_counted(seventime_sandbox, tmp_path):
    export = SevenTimeToObjectStorageOperator(
        task_id="export",
        resource="timeLogs",
        path=str(tmp_path / "hours"),
        partition_by="month",
        start="2026-07-01",
        end="2026-10-01",
    )
    export.execute({})

    (output,) = export.get_openlineage_facets_on_complete(None).outputs

    assert output.name == str(tmp_path / "hours")
    assert dataset(output)["outputFacets"]["outputStatistics"]["fileCount"] == 3


def test_a_run_reports_nothing_before_its_end(operator):
    assert operator().get_openlineage_facets_on_complete(None) == OperatorLineage()


def test_a_failed_try_reports_nothing_of_the_previous_one(operator, seventime_sandbox):
    sync = operator(resource="timeLogs")
    sync.execute({})
    seventime_sandbox.load({"timeLogs": [{"_id": "odd", "timestamp": "2026-09-15T06:00:00.000Z", "time": "eight"}]})

    with pytest.raises(PermanentTaskError):
        sync.execute({})

    assert sync.get_openlineage_facets_on_complete(None) == OperatorLineage()


def test_a_target_without_an_address_is_omitted():
    facets = openlineage_of(lineage(target=None))

    assert [found.name for found in facets.inputs] == ["timeTypes"]
    assert facets.outputs == []


@pytest.mark.parametrize(
    ("scheme", "namespace"), [("redshift", "redshift://other:5439"), ("postgres", "postgres://other:5432")]
)
def test_another_database_is_named_by_its_hook(monkeypatch, scheme, namespace):
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", f"{scheme}://analyst:p4ss-w0rd@other/lake")

    (output,) = openlineage_of(lineage(sql_conn_id="warehouse")).outputs

    assert (output.namespace, output.name) == (namespace, "lake.dbo.t")
    assert "p4ss" not in Serde.to_json(output)


@pytest.mark.parametrize(
    "connection",
    [
        pytest.param(None, id="missing"),
        pytest.param("sqlite:////srv/w.db", id="hook-without-rules"),
        pytest.param("http://db:1433", id="no-database"),
        pytest.param("no-such-type://db", id="no-hook"),
        pytest.param('{"conn_type": "postgres", "host": "db", "port": 99999}', id="invalid-port"),
    ],
)
def test_without_a_usable_hook_the_address_names_the_database(monkeypatch, connection):
    if connection is not None:
        monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", connection)

    (output,) = openlineage_of(lineage(sql_conn_id="warehouse")).outputs

    assert (output.namespace, output.name) == ("mssql://db:1433", "lake.dbo.t")


def test_a_known_database_needs_no_connection(operator, warehouse_path, monkeypatch):
    sync = operator()
    sync.execute({})
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", "postgres://another/lake")

    (output,) = sync.get_openlineage_facets_on_complete(None).outputs

    assert output.namespace == f"sqlite://{warehouse_path}"
