"""Mode ``incremental`` without a time: continue from the newest watermark, or read all records without one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.exceptions import ConfigError, IncompleteReadError, ProtocolError

SECRET = "norrby-bygg-och-el-2026"


@pytest.fixture
def stored(warehouse):
    """Return the watermarks of the database by sync, newest of each."""

    def read():
        if not warehouse.query("select name from sqlite_master where name = 'seventime_copies'"):
            return {}
        newest = "select sync, max(watermark) from seventime_copies where watermark is not null group by sync"
        return {sync: f"{text.replace(' ', 'T')[:-3]}Z" for sync, text in warehouse.query(newest)}

    return read


@pytest.fixture
def changes(account, warehouse):
    """Run an incremental sync, an hour later on the sandbox's clock."""

    def sync(client=None, **parameters):
        account.sandbox.advance(3_600)
        parameters = {"mode": "incremental", **parameters}
        return warehouse.sync(client, clock=account.sandbox.now, **parameters)

    return sync


@pytest.fixture
def put(account, time_log):
    """Create or change a time log now."""

    def load(record_id, **fields):
        now = format_instant(account.sandbox.now())
        account.load(time_log(record_id, **{"modifiedDate": now, **fields}))

    return load


def test_the_first_run_reads_everything_and_the_next_only_what_changed(account, warehouse, changes, put):
    put("a")
    put("b", modifiedDate="2020-01-01T00:00:00.000Z")
    first = changes()
    account.sandbox.advance(3_600)
    put("b", time=6)
    put("c")
    account.requests()

    second = changes()

    assert (first["mode"], first["rows_read"], first["modified_since"]) == ("full", 2, None)
    assert (second["mode"], second["rows_read"], second["rows_written"]) == ("incremental", 2, 2)
    assert second["modified_since"] == first["watermark"]
    assert second["sync"] == first["sync"]
    assert all("lastModified" in query for _, query in account.requests())
    assert warehouse.query("select id, time from seventime_time_logs order by id") == [
        ("a", 7.25),
        ("b", 6),
        ("c", 7.25),
    ]
    third = changes()
    assert (third["modified_since"], third["rows_read"]) == (second["watermark"], 0)


def test_a_run_without_changes_stores_its_watermark(changes, put, stored):
    put("a")
    changes()
    second = changes()

    assert stored() == {second["sync"]: second["watermark"]}


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("delete from seventime_time_logs", id="emptied"),
        pytest.param("drop table seventime_time_logs", id="dropped"),
    ],
)
def test_an_empty_table_is_filled_by_a_full_read(warehouse, changes, put, sql):
    put("a")
    changes()
    warehouse.query(sql)

    manifest = changes()

    assert (manifest["mode"], manifest["rows_written"]) == ("full", 1)
    assert warehouse.ids() == ["a"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"filters": {"user": "u1"}}, id="filter"),
        pytest.param({"exclude_fields": ["description"]}, id="excluded"),
        pytest.param({"hash_fields": ["userName"]}, id="hashed"),
        pytest.param({"table": "other"}, id="table"),
    ],
)
@pytest.mark.parametrize("before", ["the same", "the other"])
def test_another_sync_begins_with_a_full_read(account, changes, put, other, before):
    put("a")
    client = account.client(hash_secret=SECRET)
    now, then = ({}, other) if before == "the same" else (other, {})
    changes(client, **now)
    if "table" in other:
        changes(client, mode="full", **then)
        return

    assert changes(client, **then)["mode"] == "full"
    assert changes(client, **then)["mode"] == "incremental"
    assert changes(client, **now)["mode"] == "incremental"


def test_another_secret_begins_with_a_full_read(account, changes, put):
    put("a")
    changes(account.client(hash_secret=SECRET), hash_fields=["userName"])

    manifest = changes(account.client(hash_secret=f"{SECRET}-another"), hash_fields=["userName"])

    assert (manifest["mode"], manifest["rows_written"]) == ("full", 1)


def test_equivalent_filters_are_one_sync(changes, put):
    put("a", isAbsence=False)

    assert changes(filters={"isAbsence": False, "user": "u1"})["mode"] == "full"
    assert changes(filters={"user": " u1", "isAbsence": "False"})["mode"] == "incremental"


@pytest.mark.parametrize("value", [date(2026, 9, 30), datetime(2026, 9, 30, 12, tzinfo=UTC)], ids=["date", "instant"])
def test_filters_may_be_dates(changes, put, value):
    put("a", invoicedDate="2026-09-29T22:00:00.000Z")

    assert changes(filters={"invoicedDate": value})["rows_read"] == 1
    assert changes(filters={"invoicedDate": "2026-09-30"})["mode"] == "incremental"


def test_an_incremental_run_continues_from_a_full_run(changes, put):
    put("a")
    full = changes(mode="full", deletions="remove")

    assert changes()["modified_since"] == full["watermark"]


def test_a_window_does_not_change_the_watermark(account, changes, put, stored):
    put("a")
    first = changes()
    put("b", timestamp="2026-07-10T06:00:00.000Z")
    account.sandbox.advance(3_600)

    window = changes(mode="window", start="2026-09-01", end="2026-10-01")

    assert window["sync"] is None
    assert stored() == {first["sync"]: first["watermark"]}
    assert changes()["rows_read"] == 1


def test_a_later_modified_since_leaves_a_gap_that_the_next_run_fills(account, warehouse, changes, put, stored):
    put("a")
    first = changes()
    account.sandbox.advance(3_600)
    put("late")
    account.sandbox.advance(3_600)

    given = changes(mode=None, modified_since=format_instant(account.sandbox.now() + timedelta(minutes=30)))

    assert (given["mode"], given["sync"], given["rows_read"]) == ("incremental", None, 0)
    assert stored() == {first["sync"]: first["watermark"]}
    assert changes()["rows_read"] == 1
    assert warehouse.ids() == ["a", "late"]


def test_an_earlier_modified_since_advances_the_watermark(changes, put, stored):
    put("a")
    first = changes()

    given = changes(modified_since="2026-09-01")

    assert stored() == {first["sync"]: given["watermark"]}
    assert given["sync"] == first["sync"]


def test_modified_since_into_an_empty_table_stores_no_watermark(changes, put, stored):
    put("a")

    assert changes(modified_since="2026-09-01")["sync"] is None
    assert stored() == {}


def test_a_failed_run_does_not_change_the_watermark(account, changes, put, stored):
    put("a")
    before = changes()
    put("b")
    account.fail({"kind": "html"})
    with pytest.raises(ProtocolError):
        changes()
    assert stored() == {before["sync"]: before["watermark"]}

    after = changes()
    assert (after["modified_since"], after["rows_read"]) == (before["watermark"], 1)


def test_too_few_rows_store_no_watermark(changes, put, stored):
    put("a")
    with pytest.raises(IncompleteReadError, match="the read has 1 records, and at least 2 are expected"):
        changes(min_expected_rows=2)

    assert stored() == {}


def test_the_watermark_belongs_to_the_table_and_not_to_a_connection(changes, put):
    put("a")
    changes()

    assert changes(sql_conn_id="another", seventime_conn_id="another")["mode"] == "incremental"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        pytest.param({"mode": "incremental", "start": "2026-09-01"}, "end is missing", id="half-a-window"),
        pytest.param(
            {"mode": "incremental", "start": "2026-09-01", "end": "2026-10-01"}, "mode='incremental' reads", id="window"
        ),
        pytest.param(
            {"mode": "incremental", "deletions": "remove"}, "deletions='remove' cannot be combined", id="removal"
        ),
        pytest.param({"modified_since": "2026-09-01", "deletions": "mark"}, "deletions='mark' cannot", id="marks"),
        pytest.param({"mode": "incremental", "modified_since": " "}, "rendered to nothing", id="blank"),
        pytest.param({"mode": "window"}, "mode='window' reads a period", id="window-of-nothing"),
        pytest.param({"mode": "full", "start": "2026-09-01", "end": "2026-10-01"}, "mode='full' reads", id="full"),
        pytest.param({"mode": "full", "modified_since": "2026-09-01"}, "mode='full' reads", id="full-since"),
        pytest.param({"mode": "increment"}, "did you mean 'incremental'", id="mode"),
        pytest.param({"mode": 5}, "mode: 5 is unknown", id="mode-as-number"),
        pytest.param({"deletions": "drop"}, "must be one of remove, mark, keep", id="deletions"),
        pytest.param({"deletions": ["keep"]}, "must be one of remove, mark, keep", id="deletions-as-list"),
        pytest.param({"min_expected_rows": "five"}, "whole number from 0", id="text"),
        pytest.param({"min_expected_rows": True}, "whole number from 0", id="flag"),
        pytest.param({"min_expected_rows": -1}, "whole number from 0", id="negative"),
        pytest.param({"filters": ["user"]}, "must be a mapping", id="filters-as-list"),
        pytest.param({"resource": "timelogs"}, "did you mean 'timeLogs'", id="resource"),
        pytest.param({"hash_fields": ["userName"]}, "secret of at least 16 characters", id="no-secret"),
    ],
)
def test_conflicting_parameters_are_refused_before_a_request(account, warehouse, parameters, message):
    with pytest.raises(ConfigError, match=message):
        warehouse.sync(**parameters)

    assert account.requests(counts=True) == []
    assert warehouse.query("select name from sqlite_master") == []


@pytest.mark.parametrize("deletions", ["remove", "mark"])
def test_v1_of_the_api_refuses_deletions(account, warehouse, deletions):
    client = account.client(api_version=1)

    with pytest.raises(ConfigError, match="cannot be combined with version 1 of the API, whose lists end after 100"):
        warehouse.sync(client, resource="customers", mode="full", deletions=deletions)

    assert account.requests() == []
