"""What a window read whole removes, and what it keeps."""

from __future__ import annotations

import logging

import pytest

from airflow_provider_seventime.exceptions import ProtocolError, SevenTimeError
from airflow_provider_seventime.transfers.sync import MANY_ROWS


def test_a_row_is_removed_when_the_api_answers_404(account, warehouse, time_log):
    account.load(time_log("a"), time_log("b"), time_log("c", "2026-08-10T06:00:00.000Z"))
    warehouse.sync()
    account.remove("b", "c")
    account.asked()

    manifest = warehouse.sync_september()

    assert warehouse.ids() == ["a", "c"]
    assert (manifest["rows_deleted"], manifest["deletions"]) == (1, "done")
    assert [path for path, _ in account.asked()] == ["timeLogs", "timeLogs/b"]


def test_a_row_that_moved_out_of_the_window_is_refreshed(account, warehouse, time_log):
    account.load(time_log("a"), time_log("b"))
    warehouse.sync()
    account.load(time_log("b", "2026-05-10T06:00:00.000Z"))

    manifest = warehouse.sync_september()

    assert (manifest["rows_written"], manifest["rows_deleted"]) == (1, 0)
    assert warehouse.query("select timestamp from seventime_time_logs where id = 'b'") == [
        ("2026-05-10 06:00:00.000000",)
    ]


def test_a_filtered_read_removes_only_within_its_filter(account, warehouse, time_log):
    account.load(
        time_log("a", project="p1", isAbsence=False),
        time_log("b", project="p1", isAbsence=True),
        time_log("c", project="p2", isAbsence=False),
        time_log("d", project="p1"),
    )
    warehouse.sync()
    account.remove("a", "b", "c", "d")

    manifest = warehouse.sync_september(filters={"project": "p1", "isAbsence": "false"})

    assert warehouse.ids() == ["b", "c", "d"]
    assert (manifest["rows_deleted"], manifest["deletions"]) == (1, "done")


def test_a_row_that_left_the_filter_is_refreshed(account, warehouse, time_log):
    account.load(time_log("a", project="p1"))
    warehouse.sync()
    account.load(time_log("a", project="p2"))

    manifest = warehouse.sync_september(filters={"project": "p1"})

    assert warehouse.query("select id, project from seventime_time_logs") == [("a", "p2")]
    assert (manifest["rows_read"], manifest["rows_written"], manifest["rows_deleted"]) == (0, 1, 0)


def test_a_filter_that_the_columns_cannot_tell_removes_nothing_and_says_so(account, warehouse, time_log, caplog):
    account.load(time_log("a"))
    warehouse.sync()
    account.remove("a")

    with caplog.at_level(logging.WARNING):
        manifest = warehouse.sync_september(filters={"invoicedDate": "2026-09-30"})

    assert warehouse.ids() == ["a"]
    assert manifest["deletions"].startswith("skipped: ")
    assert "invoicedDate" in manifest["deletions"]
    assert "invoicedDate" in caplog.text


@pytest.mark.parametrize("number", [MANY_ROWS, MANY_ROWS + 1], ids=["few", "many"])
def test_few_rows_are_asked_for_one_by_one_and_many_by_a_second_whole_read(
    account, warehouse, time_log, time_logs, number
):
    gone = time_logs(number)
    account.load(time_log("a"), *gone)
    warehouse.sync()
    account.remove(*(record["_id"] for record in gone))
    account.asked()

    manifest = warehouse.sync_september()

    one_by_one = sorted(f"timeLogs/{record['_id']}" for record in gone)
    assert sorted(path for path, _ in account.asked()[1:]) == (one_by_one if number == MANY_ROWS else ["timeLogs"])
    assert warehouse.ids() == ["a"]
    assert manifest["rows_deleted"] == number


def test_many_rows_that_moved_are_all_kept(account, warehouse, time_log, time_logs):
    number = 3 * MANY_ROWS
    account.load(time_log("a", project="p1"), *time_logs(number, project="p1"))
    warehouse.sync()
    account.load(*time_logs(MANY_ROWS, timestamp="2026-01-10T06:00:00.000Z", project="p1"))
    account.load(*time_logs(number - 5, first=MANY_ROWS, project="p2"))
    account.remove(*(record["_id"] for record in time_logs(number, first=number - 5)))

    manifest = warehouse.sync_september(filters={"project": "p1"})

    assert (manifest["rows_deleted"], manifest["rows_written"]) == (5, number - 5)
    assert len(warehouse.ids("project = 'p1' and timestamp < '2026-02'")) == MANY_ROWS
    assert len(warehouse.ids("project = 'p2'")) == number - MANY_ROWS - 5


def test_a_second_read_that_fails_changes_no_row(account, warehouse, time_log, time_logs):
    gone = time_logs(MANY_ROWS + 1)
    account.load(time_log("a"), *gone)
    warehouse.sync()
    account.load(time_log("a", time=1))
    account.remove(*(record["_id"] for record in gone))
    before = warehouse.everything()
    account.fail({"kind": "html"}, after=1)

    with pytest.raises(ProtocolError):
        warehouse.sync_september()

    assert warehouse.everything() == before


@pytest.mark.parametrize("status", [401, 403, 500], ids=str)
def test_a_row_that_cannot_be_confirmed_stays(account, warehouse, time_log, status):
    account.load(time_log("a"), time_log("b"))
    warehouse.sync()
    account.remove("b")
    account.fail({"kind": "status", "status": status}, after=1)

    with pytest.raises(SevenTimeError):
        warehouse.sync_september()

    assert warehouse.ids() == ["a", "b"]
