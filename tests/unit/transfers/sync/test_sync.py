"""Full, incremental and window syncs, the bounds of a window, and refused parameters."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

import pytest

from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.exceptions import ConfigError, InvalidRecordError


def test_a_full_read_removes_nothing_by_default(account, warehouse, time_log):
    account.load(time_log("a"), time_log("b", "2020-01-01T00:00:00.000Z"), time_log("c", None))
    assert warehouse.sync()["rows_written"] == 3
    account.remove("a")

    manifest = warehouse.sync()

    assert warehouse.ids() == ["a", "b", "c"]
    assert manifest["mode"] == "full"
    assert (manifest["rows_read"], manifest["rows_written"], manifest["rows_deleted"]) == (2, 0, 0)
    assert manifest["deletions"] == "not asked"


def test_the_manifest_of_a_window(account, warehouse, time_log):
    account.load(time_log("a"), time_log("b"), time_log("c", "2026-10-02T06:00:00.000Z"))

    account.sandbox.freeze()
    account.sandbox.set_clock(datetime(2026, 10, 1, 4, 30, 1, tzinfo=UTC))

    manifest = warehouse.sync_september(clock=lambda: datetime(2030, 1, 1, tzinfo=UTC))

    assert "2026-10-01T04:29:50" < manifest["watermark"] <= "2026-10-01T04:30:01.000Z"
    assert json.loads(json.dumps(manifest)) == {
        "resource": "timeLogs",
        "table": "seventime_time_logs",
        "mode": "window",
        "start": "2026-08-31T22:00:00.000Z",
        "end": "2026-09-30T22:00:00.000Z",
        "modified_since": None,
        "rows_read": 2,
        "rows_written": 2,
        "rows_older": 0,
        "misfits": 0,
        "rows_deleted": 0,
        "deletions": "done",
        "requests_made": 3,
        "waited_seconds": manifest["waited_seconds"],
        "rejections": 0,
        "watermark": manifest["watermark"],
        "sync": None,
    }
    assert warehouse.query("select distinct synced_at from seventime_time_logs") == [("2026-10-01 04:30:01.000000",)]


def test_a_second_run_changes_nothing(account, warehouse, time_log):
    account.load(*(time_log(f"{number:04}") for number in range(1_500)))
    assert warehouse.sync_september()["rows_written"] == 1_500
    before = warehouse.everything()

    manifest = warehouse.sync_september()

    assert (manifest["rows_read"], manifest["rows_written"], manifest["rows_deleted"]) == (1_500, 0, 0)
    assert warehouse.everything() == before


def test_changes_since_a_time_are_merged(account, warehouse, time_log):
    account.load(time_log("a"), time_log("b"))
    warehouse.sync()
    account.load(
        time_log("b", time=6, modifiedDate="2026-09-20T10:00:00.000Z"),
        time_log("c", "2026-08-01T06:00:00.000Z", modifiedDate="2026-09-20T10:00:00.000Z"),
    )
    account.requests()

    manifest = warehouse.sync(modified_since="2026-09-20T10:03:00Z")

    assert warehouse.query("select id, time from seventime_time_logs order by id") == [
        ("a", 7.25),
        ("b", 6),
        ("c", 7.25),
    ]
    assert (manifest["mode"], manifest["rows_read"], manifest["rows_written"]) == ("incremental", 2, 2)
    assert manifest["modified_since"] == "2026-09-20T10:03:00.000Z"
    assert manifest["deletions"] == "not asked"
    assert [query["lastModified"] for _, query in account.requests()] == ["2026-09-20 11:58"]


def test_the_watermark_of_one_run_begins_the_next(account, warehouse, time_log):
    account.load(time_log("a"))
    watermark = warehouse.sync(clock=account.sandbox.now)["watermark"]
    account.sandbox.advance(3_600)
    account.load(time_log("b", modifiedDate=format_instant(account.sandbox.now())))

    manifest = warehouse.sync(modified_since=watermark)

    assert (manifest["rows_read"], manifest["rows_written"]) == (1, 1)
    assert warehouse.ids() == ["a", "b"]


def test_a_filter_is_sent(account, warehouse, time_log):
    account.load(time_log("a", project="p1"), time_log("b", project="p2"))

    assert warehouse.sync(filters={"project": "p1"})["rows_read"] == 1
    assert warehouse.ids() == ["a"]
    assert account.requests()[0][1]["project"] == "p1"


@pytest.mark.parametrize(
    ("fields", "inside"),
    [
        pytest.param({"timestamp": "2026-08-31T21:59:59.999Z"}, False, id="last-of-august"),
        pytest.param({"timestamp": "2026-08-31T22:00:00.000Z"}, True, id="swedish-midnight"),
        pytest.param({"timestamp": "2026-09-30T21:59:59.999Z"}, True, id="last-of-september"),
        pytest.param({"timestamp": "2026-09-30T22:00:00.000Z"}, False, id="first-of-october"),
        pytest.param({"timestamp": "2026-09-01T00:00:00+02:00"}, True, id="another-spelling"),
        pytest.param(
            {"timestamp": "2026-09-30T20:00:00.000Z", "endTimestamp": "2026-10-03T04:00:00.000Z"},
            True,
            id="ends-after-the-window",
        ),
        pytest.param({"timestamp": "2026-09-30T20:00:00.000Z", "endTimestamp": None}, True, id="has-no-end"),
        pytest.param(
            {"timestamp": "2026-08-31T20:00:00.000Z", "endTimestamp": "2026-09-01T04:00:00.000Z"},
            False,
            id="began-before-the-window",
        ),
        pytest.param({"timestamp": None}, False, id="has-no-start"),
    ],
)
def test_a_record_belongs_to_the_window_of_its_own_start(account, warehouse, time_log, fields, inside):
    account.load(time_log("a", **fields))

    assert warehouse.sync_september()["rows_read"] == int(inside)
    assert warehouse.ids() == (["a"] if inside else [])


def test_the_request_of_a_window(account, warehouse):
    warehouse.sync_september(filters={"user": "u1"})

    ((path, query),) = account.requests()

    assert path == "timeLogs"
    assert (query["timestamp"], query["user"]) == ("2026-08-31 00:00", "u1")
    assert "endTimestamp" not in query


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        pytest.param({"start": "2026-09-01"}, ConfigError, id="half-a-window"),
        pytest.param({"start": "2026-09-02", "end": "2026-09-01"}, ConfigError, id="window-backwards"),
        pytest.param({"modified_since": ""}, ConfigError, id="template-of-nothing"),
        pytest.param({"filters": {"lastModified": "2026-09-01"}}, ConfigError, id="filter-for-time"),
        pytest.param({"filters": {"projekt": "p1"}}, InvalidRecordError, id="unknown-filter"),
        pytest.param({"table": "hours;drop"}, ConfigError, id="no-name-of-a-table"),
        pytest.param({"table": "somewhere.hours"}, ConfigError, id="no-such-schema"),
        pytest.param({"table": "strangers"}, ConfigError, id="a-table-of-something-else"),
    ],
)
def test_wrong_parameters_send_no_request_and_create_no_table(account, warehouse, parameters, error):
    warehouse.query("create table strangers (id text primary key, name text)")

    with pytest.raises(error):
        warehouse.sync(**parameters)

    assert account.requests() == []
    assert warehouse.query("select name from sqlite_master where type = 'table'") == [("strangers",)]


def test_the_log_has_numbers_and_no_personal_data(account, warehouse, time_log, caplog):
    account.load(time_log("a", description="Läkarbesök"))
    logger = "airflow_provider_seventime.transfers.sync.sync_collection"

    with caplog.at_level(logging.INFO, logger=logger):
        warehouse.sync_september()

    line = next(one.getMessage() for one in caplog.records if one.getMessage().startswith("seventime_time_logs"))
    assert "1 records of timeLogs read (window), 1 rows new or changed, 0 older than the table's, 0 deleted" in line
    assert "Läkarbesök" not in line
    assert "Åsa" not in line
