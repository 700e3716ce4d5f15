"""Three runs of the example DAG: all records, the changes an hour later, and the deletions."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.dates import SWEDEN, calendar_date, load_zone, parse_instant
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.testing import running_sandbox
from airflow_provider_seventime.transfers.sync.strategy import sync_strategies
from airflow_provider_seventime.warehouse.schema.columns import column_name
from airflow_provider_seventime.warehouse.values import record_id
from tests.integration.keep_warehouse.airflow_runs import running_airflow
from tests.integration.keep_warehouse.warehouses import CONNECTION_ENV, rows, warehouse

# Earlier than the reads of this test, so that collections that were read are not due again.
FIRST = datetime(2026, 1, 2, 10, tzinfo=UTC)
TABLES = {one.resource: f"seventime_{column_name(one.resource)}" for one in sync_strategies()}
HOURLY = {one.resource for one in sync_strategies() if one.changes == "incremental"}
FORBIDDEN = {"collection": "machines", "kind": "status", "status": 403, "message": "not yours", "times": None}


@dataclass
class State:
    """Result of a run: the tables' records, the control table, and what Seven Time then had."""

    code: int
    tables: dict[str, dict[str, Any]]
    source: dict[str, dict[str, Any]]
    syncs: dict[tuple[str, str], dict[str, Any]]
    views: set[str]
    requests: int


@pytest.fixture(scope="module")
def three_runs(airflow_database, tmp_path_factory):
    """Run the DAG three times, with changes in between."""
    folder = tmp_path_factory.mktemp("runs")
    with (
        warehouse("sqlite", folder) as connection,
        running_sandbox(irregular=True) as sandbox,
        pytest.MonkeyPatch.context() as patch,
        running_airflow(folder, airflow_database, connection) as airflow,
    ):
        patch.setenv(CONNECTION_ENV, connection)
        day = swedish_date()

        def run(hours, params=None):
            sandbox.clear_journal()
            code = airflow.run(FIRST + timedelta(hours=hours), params)
            requests = len(sandbox.journal())
            sandbox.clear_faults()
            return state_of(code, requests)

        states = [run(0)]
        edit(sandbox)
        states.append(run(1))
        sandbox.set_faults([FORBIDDEN])
        states.append(run(2, {"whole": ["*"]}))
        if swedish_date() != day:
            pytest.skip("a new day began in Sweden during the test, so all collections were due again")
        yield airflow, states


def swedish_date():
    return calendar_date(datetime.now(UTC), load_zone(SWEDEN))


def edit(sandbox):
    """Change a time log, delete another, and pay an invoice."""
    first, second = sandbox.records("timeLogs")[-2:]
    invoice = next(one for one in sandbox.records("invoices") if one["invoiceStatus"] == 2)
    with SevenTimeHook().get_conn() as client:
        client.put("timeLogs", first["_id"], {"user": first["user"], "description": "Efterlagning"})
        client.delete("timeLogs", second["_id"])
    sandbox.load({"invoices": [invoice | {"invoiceStatus": 3, "paymentDate": "2026-10-01T10:30:00.000Z"}]})


def state_of(code, requests):
    hook, tables, source = SevenTimeHook(), {}, {}
    for resource, table in TABLES.items():
        found = rows(f"SELECT id, record FROM {table}")
        tables[resource] = {row["id"]: exact_json.decode(row["record"]) for row in found}
        source[resource] = {record_id(COLLECTIONS[resource], record): record for record in hook.list(resource)}
    syncs = {(row["resource"], row["mode"]): row for row in rows("SELECT * FROM seventime_syncs")}
    views = {row["name"] for row in rows("SELECT name FROM sqlite_master WHERE type = 'view'")}
    return State(code, tables, source, syncs, views, requests)


def test_the_first_run_copies_every_collection(three_runs):
    _, (first, _, _) = three_runs

    assert first.code == 0
    assert first.tables == first.source
    assert all(first.source[resource] for resource in TABLES if resource != "webhookSubscriptions")


def test_the_first_run_creates_the_views(three_runs):
    _, (first, _, _) = three_runs

    assert first.views == {
        "seventime_hours",
        "seventime_hours_by_month",
        "seventime_invoicing",
        "seventime_invoicing_by_month",
        "seventime_receivables",
        "seventime_syncs",
        "seventime_unpaid",
    }


def test_the_control_table_has_a_row_for_every_table(three_runs):
    _, (first, _, _) = three_runs

    assert set(first.syncs) == {(resource, "full") for resource in TABLES}
    for (resource, _), row in first.syncs.items():
        assert row["table_name"] == TABLES[resource]
        assert row["rows_read"] == len(first.source[resource])
        assert row["deletions"] == "done"
        assert row["requests_made"] >= 1
        started, recorded = (parse_instant(str(row[name])) for name in ("started_at", "recorded_at"))
        assert FIRST < started <= recorded
        # The Date of the first response has whole seconds; the watermark is at most that.
        assert timedelta(0) <= started - parse_instant(str(row["watermark"])) < timedelta(seconds=2)
    assert sum(row["rows_written"] for row in first.syncs.values()) > 0


def test_an_hour_later_only_changes_are_read(three_runs):
    _, (first, second, _) = three_runs

    assert second.code == 0
    assert {key for key in second.syncs if second.syncs[key] != first.syncs.get(key)} == {
        *((resource, "incremental") for resource in HOURLY),
        ("invoices", "full"),
    }
    assert second.syncs["timeLogs", "incremental"]["rows_written"] == 1
    assert second.syncs["invoices", "full"]["rows_written"] == 1
    assert second.requests == len(HOURLY) + 1
    assert second.tables["invoices"] == second.source["invoices"]
    deleted = set(second.tables["timeLogs"]) - set(second.source["timeLogs"])
    assert len(deleted) == 1
    assert {key: row for key, row in second.tables["timeLogs"].items() if key not in deleted} == second.source[
        "timeLogs"
    ]


def test_a_full_read_removes_rows_of_deleted_records(three_runs):
    _, (_, _, third) = three_runs

    assert third.syncs["timeLogs", "full"]["rows_deleted"] == 1
    assert third.tables == third.source


def test_a_failed_collection_fails_the_run_and_does_not_stop_the_others(three_runs):
    airflow, (_, second, third) = three_runs

    assert third.code != 0
    assert "Not updated in this run, see the logs of their tasks: machines" in airflow.output[2]
    assert {key[0] for key in third.syncs if third.syncs[key] == second.syncs[key]} == {"machines"}


def test_mapped_tasks_have_the_names_of_their_collections(three_runs):
    airflow, _ = three_runs
    with closing(sqlite3.connect(airflow.database)) as database:
        names = database.execute("SELECT rendered_map_index FROM task_instance WHERE task_id = 'deletions'").fetchall()

    assert {name for (name,) in names if name} == set(TABLES) - {"invoices"}
