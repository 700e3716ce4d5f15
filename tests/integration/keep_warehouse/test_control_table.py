"""Schedule of the example DAG, and its control view on each kind of database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, BaseHook

from airflow_provider_seventime.contract.personal_data import personal_fields
from airflow_provider_seventime.dates import parse_instant
from airflow_provider_seventime.transfers.sync.strategy import sync_strategies
from airflow_provider_seventime.warehouse.schema.copies_table import copies_table
from airflow_provider_seventime.warehouse.schema.tables import has_table
from airflow_provider_seventime.warehouse.write.copy_entries import write_entry
from tests.integration.keep_warehouse.warehouses import CONNECTION, CONNECTION_ENV, KINDS, rows, warehouse

WEDNESDAY = date(2026, 11, 18)
# Midnight of that day and of its week's Monday, in Sweden.
MIDNIGHT = datetime(2026, 11, 17, 23, tzinfo=UTC)
WEEK = datetime(2026, 11, 15, 23, tzinfo=UTC)
STARTED_AT = datetime(2026, 11, 18, 0, 0, 5, 250_000, tzinfo=UTC)
A_MOMENT = timedelta(milliseconds=1)
EVERY_DAY = {one.resource for one in sync_strategies() if one.deletions == "full"} - {"invoices"}
BY_WINDOW = {one.resource for one in sync_strategies() if one.deletions == "window"}


@pytest.fixture(params=KINDS)
def hook(request, tmp_path, monkeypatch):
    with warehouse(request.param, tmp_path) as connection:
        monkeypatch.setenv(CONNECTION_ENV, connection)
        yield BaseHook.get_connection(CONNECTION).get_hook()


@pytest.fixture
def copies(hook):
    """Return a function that writes rows to ``seventime_copies`` as syncs do."""
    engine = hook.get_sqlalchemy_engine()
    table = copies_table(None)

    def write(*entries):
        with engine.begin() as connection:
            if not has_table(connection, table):
                table.create(connection)
            for entry in entries:
                write_entry(connection, table, entry)

    yield write
    engine.dispose()


def entry(**changed):
    return {
        "table_name": "seventime_time_logs",
        "account": "5560360793 at app.seventime.se",
        "sync": "0123456789abcdef",
        "mode": "full",
        "company": "5560360793 at app.seventime.se",
        "key_digest": "fedcba9876543210",
        "seventime_conn_id": "seventime_default",
        "collection": "timeLogs",
        "adopted": False,
        "filters": "{}",
        "protection": "0",
        "watermark": STARTED_AT,
        "started_at": STARTED_AT,
        "recorded_at": STARTED_AT + A_MOMENT,
        "rows_read": 1066,
        "rows_written": 3,
        "rows_deleted": 1,
        "rows_older": 0,
        "deletions": "done",
        "requests_made": 3,
        "waited_seconds": 0.125,
        "rejections": 0,
        "run_id": "scheduled__1",
    } | changed


def test_the_view_has_the_figures_of_a_read(hook, copies, keep_warehouse):
    assert keep_warehouse.last_deletion_reads(hook) == {}
    copies(entry())

    keep_warehouse.create_syncs(hook)
    keep_warehouse.create_syncs(hook)

    (row,) = rows("SELECT * FROM seventime_syncs")
    assert parse_instant(str(row["started_at"])) == parse_instant(str(row["watermark"])) == STARTED_AT
    assert float(row["waited_seconds"]) == 0.125
    assert (row["resource"], row["rows_read"], row["rows_written"], row["rows_deleted"]) == ("timeLogs", 1066, 3, 1)
    assert (row["requests_made"], row["run_id"]) == (3, "scheduled__1")
    assert keep_warehouse.last_deletion_reads(hook) == {("timeLogs", "full"): STARTED_AT}


def test_the_view_has_the_newest_read_of_each_mode(hook, copies, keep_warehouse):
    changes = {"mode": "incremental", "deletions": "not asked"}
    window = {"mode": "window", "watermark": None}
    claimed = {"recorded_at": None, "deletions": None}
    of_other_filters = {"sync": "of others", "recorded_at": STARTED_AT + 2 * A_MOMENT, "run_id": "5", **changes}
    copies(entry(), entry(**changes, run_id="2"), entry(**window, run_id="3"), entry(**of_other_filters))
    copies(entry(**claimed, sync="0" * 16))

    keep_warehouse.create_syncs(hook)

    found = {row["mode"]: row for row in rows("SELECT * FROM seventime_syncs")}
    assert {mode: row["run_id"] for mode, row in found.items()} == {
        "full": "scheduled__1",
        "window": "3",
        "incremental": "5",
    }
    assert found["window"]["watermark"] is None
    assert keep_warehouse.last_deletion_reads(hook).keys() == {("timeLogs", "full"), ("timeLogs", "window")}


def due(keep_warehouse, deletion_reads, requested=()):
    return {read["resource"]: read for read in keep_warehouse.deletions_due(WEDNESDAY, deletion_reads, requested)}


def read_at(instant, mode, resources):
    return {(resource, mode): instant for resource in resources}


def test_at_first_every_collection_is_read_in_full(keep_warehouse):
    reads = due(keep_warehouse, {})

    assert reads.keys() == EVERY_DAY | BY_WINDOW
    assert {(read["mode"], read["deletions"]) for read in reads.values()} == {("full", "remove")}


def test_a_collection_read_since_midnight_is_not_due(keep_warehouse):
    assert due(keep_warehouse, read_at(MIDNIGHT, "full", EVERY_DAY | BY_WINDOW)) == {}


def test_after_midnight_large_collections_are_due_as_a_window_and_others_in_full(keep_warehouse):
    reads = due(keep_warehouse, read_at(MIDNIGHT - A_MOMENT, "full", EVERY_DAY | BY_WINDOW))

    assert {name for name, read in reads.items() if read["mode"] == "full"} == EVERY_DAY
    assert {name: read for name, read in reads.items() if read["mode"] == "window"} == {
        name: {
            "resource": name,
            "mode": "window",
            "deletions": "remove",
            "start": "2026-08-18",
            "end": "2027-11-19",
        }
        for name in ("timeLogs", "expenses", "supplierInvoices")
    }


def test_large_collections_are_read_in_full_on_mondays(keep_warehouse):
    windows = read_at(MIDNIGHT, "window", BY_WINDOW)

    assert due(keep_warehouse, read_at(WEEK, "full", BY_WINDOW) | windows).keys() == EVERY_DAY
    monday = due(keep_warehouse, read_at(WEEK - A_MOMENT, "full", BY_WINDOW) | windows)
    assert {monday[name]["mode"] for name in BY_WINDOW} == {"full"}


def test_requested_collections_are_read_in_full(keep_warehouse):
    up_to_date = read_at(MIDNIGHT, "full", EVERY_DAY | BY_WINDOW)

    assert due(keep_warehouse, up_to_date, ["timeLogs"]).keys() == {"timeLogs"}
    assert due(keep_warehouse, up_to_date, ["*"]).keys() == EVERY_DAY | BY_WINDOW


def test_every_run_reads_changes_and_all_invoices(keep_warehouse):
    reads = {read["resource"]: read["mode"] for read in keep_warehouse.changes_due()}

    assert reads == {
        "customers": "incremental",
        "projects": "incremental",
        "workOrders": "incremental",
        "timeLogs": "incremental",
        "expenses": "incremental",
        "invoices": "full",
        "supplierInvoices": "incremental",
    }


def test_the_list_of_personal_fields_is_excluded(keep_warehouse):
    reads = [{"resource": "timeLogs", "mode": "incremental"}]

    assert keep_warehouse.apply_settings(reads, "keep") == reads
    (read,) = keep_warehouse.apply_settings(reads, "leave out")
    assert read == {**reads[0], "exclude_fields": personal_fields("timeLogs", free_text=True)}


@pytest.mark.parametrize("misspelt", ["leave_out", "Leave out", "", "none"])
def test_a_misspelt_setting_of_personal_data_is_refused(keep_warehouse, misspelt):
    with pytest.raises(AirflowFailException, match="'keep' or 'leave out'"):
        keep_warehouse.apply_settings([{"resource": "timeLogs"}], misspelt)
