"""Schedule of the example DAG, and its control table on each kind of database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, BaseHook

from airflow_provider_seventime.contract.personal_data import personal_fields
from airflow_provider_seventime.dates import parse_instant
from airflow_provider_seventime.transfers.sync.strategy import sync_strategies
from tests.integration.keep_warehouse.warehouses import CONNECTION, CONNECTION_ENV, KINDS, rows, warehouse

WEDNESDAY = date(2026, 11, 18)
# Midnight of that day and of its week's Monday, in Sweden.
MIDNIGHT = datetime(2026, 11, 17, 23, tzinfo=UTC)
WEEK = datetime(2026, 11, 15, 23, tzinfo=UTC)
A_MOMENT = timedelta(milliseconds=1)
EVERY_DAY = {one.resource for one in sync_strategies() if one.deletions == "full"} - {"invoices"}
BY_WINDOW = {one.resource for one in sync_strategies() if one.deletions == "window"}


@pytest.fixture(params=KINDS)
def hook(request, tmp_path, monkeypatch):
    with warehouse(request.param, tmp_path) as connection:
        monkeypatch.setenv(CONNECTION_ENV, connection)
        yield BaseHook.get_connection(CONNECTION).get_hook()


def manifest(**changed):
    return {
        "resource": "timeLogs",
        "table": "seventime_time_logs",
        "mode": "full",
        "rows_read": 1066,
        "rows_written": 3,
        "rows_deleted": 1,
        "deletions": "done",
        "requests_made": 3,
        "waited_seconds": 0.125,
        "rejections": 0,
        "watermark": "2026-11-18T00:00:05.250Z",
    } | changed


def test_a_row_is_read_as_it_was_written(hook, keep_warehouse):
    recorded_at = datetime(2026, 11, 18, 0, 1, tzinfo=UTC)
    assert keep_warehouse.last_deletion_reads(hook) == {}

    keep_warehouse.write_syncs(hook, [keep_warehouse.sync_row(manifest(), "scheduled__1", recorded_at)])

    (row,) = rows("SELECT * FROM seventime_syncs")
    started_at = parse_instant("2026-11-18T00:00:05.250Z")
    assert parse_instant(str(row["started_at"])) == parse_instant(str(row["watermark"])) == started_at
    assert parse_instant(str(row["recorded_at"])) == recorded_at
    assert float(row["waited_seconds"]) == 0.125
    assert (row["rows_read"], row["rows_written"], row["rows_deleted"], row["requests_made"]) == (1066, 3, 1, 3)
    assert row["run_id"] == "scheduled__1"
    assert keep_warehouse.last_deletion_reads(hook) == {("timeLogs", "full"): started_at}


def test_the_newest_read_of_a_table_replaces_the_previous_one(hook, keep_warehouse):
    changes = {"mode": "incremental", "deletions": "not asked"}
    window = {"mode": "window", "watermark": "2026-11-18T02:00:00.000Z"}
    keep_warehouse.last_deletion_reads(hook)

    runs: list[tuple[str, dict[str, Any]]]
    runs = [("1", {}), ("2", changes), ("3", window), ("4", {**changes, "rows_read": 7})]
    for run_id, changed in runs:
        row = keep_warehouse.sync_row(manifest(**changed), run_id, datetime.now(UTC))
        keep_warehouse.write_syncs(hook, [row])

    found = {row["mode"]: row for row in rows("SELECT * FROM seventime_syncs")}
    assert {mode: row["run_id"] for mode, row in found.items()} == {"full": "1", "window": "3", "incremental": "4"}
    assert found["incremental"]["rows_read"] == 7
    assert found["window"]["watermark"] is None
    assert keep_warehouse.last_deletion_reads(hook).keys() == {("timeLogs", "full"), ("timeLogs", "window")}


def test_no_rows_to_write(hook, keep_warehouse):
    keep_warehouse.write_syncs(hook, [])


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
