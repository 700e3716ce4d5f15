"""Deletions after a window or a full read: rows that are removed, and rows that are kept."""

from __future__ import annotations

import logging

import pytest

from airflow_provider_seventime.exceptions import IncompleteReadError, ProtocolError, SevenTimeError
from airflow_provider_seventime.transfers.sync.deleted_rows import MANY_ROWS
from tests.unit.transfers.sync.conftest import SEPTEMBER

FULL = {"mode": "full", "deletions": "remove"}
WAYS = [pytest.param(SEPTEMBER, id="window"), pytest.param(FULL, id="full")]


class EmptyLists:
    """Client whose lists are empty. A record is still found by its id."""

    def __init__(self, client):
        self._client = client

    def __getattr__(self, name):
        return getattr(self._client, name)

    def list_json(self, *arguments):
        return iter(())

    list = list_json


def test_a_row_is_removed_when_the_api_answers_404(account, warehouse, time_log):
    account.load(time_log("a"), time_log("b"), time_log("c", "2026-08-10T06:00:00.000Z"))
    warehouse.sync()
    account.remove("b", "c")
    account.requests()

    manifest = warehouse.sync_september()

    assert warehouse.ids() == ["a", "c"]
    assert (manifest["rows_deleted"], manifest["deletions"]) == (1, "done")
    assert [path for path, _ in account.requests()] == ["timeLogs", "timeLogs/b"]


def test_a_row_that_moved_out_of_the_window_is_refreshed(account, warehouse, time_log):
    account.load(time_log("a"), time_log("b"))
    warehouse.sync()
    account.load(time_log("b", "2026-05-10T06:00:00.000Z"))

    manifest = warehouse.sync_september()

    assert (manifest["rows_written"], manifest["rows_deleted"]) == (1, 0)
    assert warehouse.query("select timestamp from seventime_time_logs where id = 'b'") == [
        ("2026-05-10 06:00:00.000000",)
    ]


@pytest.mark.parametrize("way", WAYS)
def test_a_filtered_read_removes_only_within_its_filter(account, warehouse, time_log, way):
    account.load(
        time_log("a", project="p1", isAbsence=False),
        time_log("b", project="p1", isAbsence=True),
        time_log("c", project="p2", isAbsence=False),
        time_log("d", project="p1"),
    )
    warehouse.sync()
    account.remove("a", "b", "c", "d")

    manifest = warehouse.sync(filters={"project": "p1", "isAbsence": "false"}, **way)

    assert warehouse.ids() == ["b", "c", "d"]
    assert (manifest["rows_deleted"], manifest["deletions"]) == (1, "done")


@pytest.mark.parametrize("way", WAYS)
def test_a_row_that_left_the_filter_is_removed(account, warehouse, time_log, way):
    account.load(time_log("a", project="p1"))
    warehouse.sync()
    account.load(time_log("a", project="p2"))

    manifest = warehouse.sync(filters={"project": "p1"}, **way)

    assert warehouse.query("select id, project from seventime_time_logs") == []
    assert (manifest["rows_read"], manifest["rows_written"], manifest["rows_deleted"]) == (0, 0, 1)


@pytest.mark.parametrize("way", WAYS)
def test_a_filter_without_a_column_removes_nothing_and_warns(account, warehouse, time_log, caplog, way):
    account.load(time_log("a"))
    warehouse.sync()
    account.remove("a")

    with caplog.at_level(logging.WARNING):
        manifest = warehouse.sync(filters={"invoicedDate": "2026-09-30"}, **way)

    assert warehouse.ids() == ["a"]
    assert manifest["deletions"].startswith("skipped: ")
    assert "invoicedDate" in manifest["deletions"]
    assert "invoicedDate" in caplog.text


@pytest.mark.parametrize("way", WAYS)
def test_few_missing_rows_are_requested_one_by_one(account, warehouse, time_log, time_logs, way):
    deleted = time_logs(MANY_ROWS)
    account.load(time_log("a"), *deleted)
    warehouse.sync()
    account.remove(*(record["_id"] for record in deleted))
    account.requests()

    manifest = warehouse.sync(**way)

    requested = sorted(path for path, _ in account.requests())
    assert requested == ["timeLogs", *sorted(f"timeLogs/{record['_id']}" for record in deleted)]
    assert warehouse.ids() == ["a"]
    assert manifest["rows_deleted"] == MANY_ROWS


@pytest.mark.parametrize("way", WAYS)
def test_many_missing_rows_are_confirmed_by_a_second_read_and_samples(account, warehouse, time_log, time_logs, way):
    deleted = time_logs(MANY_ROWS + 1)
    account.load(time_log("a"), *deleted)
    warehouse.sync()
    account.remove(*(record["_id"] for record in deleted))
    account.requests()

    manifest = warehouse.sync(**way)

    assert [path for path, _ in account.requests()] == [
        "timeLogs",
        "timeLogs",
        "timeLogs/m000",
        "timeLogs/m007",
        "timeLogs/m014",
    ]
    assert warehouse.ids() == ["a"]
    assert (manifest["rows_deleted"], manifest["deletions"]) == (MANY_ROWS + 1, "done")


def test_the_removal_of_every_row_logs_a_warning(account, warehouse, time_log, caplog):
    account.load(time_log("a"), time_log("b"))
    warehouse.sync()
    account.remove("a", "b")

    manifest = warehouse.sync(**FULL)

    assert (manifest["rows_deleted"], warehouse.ids()) == (2, [])
    assert "the read has no records, and the table has 2 rows; set min_expected_rows" in caplog.text


@pytest.mark.parametrize("way", [{}, {**SEPTEMBER, "deletions": "keep"}], ids=["full", "window"])
def test_an_empty_read_that_keeps_rows_logs_a_warning(account, warehouse, time_log, caplog, way):
    account.load(time_log("a"), time_log("b"))
    warehouse.sync()
    account.remove("a", "b")
    account.requests()

    manifest = warehouse.sync(**way)

    assert (manifest["deletions"], warehouse.ids()) == ("not asked", ["a", "b"])
    assert "the read has no records, and the table has 2 rows" in caplog.text
    assert [path for path, _ in account.requests()] == ["timeLogs"]


def test_an_empty_read_into_an_empty_table_logs_no_warning(warehouse, caplog):
    warehouse.sync()
    warehouse.sync(**FULL)

    assert "the read has no records" not in caplog.text


@pytest.mark.parametrize("way", WAYS)
def test_too_few_rows_fail_and_change_nothing(account, warehouse, time_log, way):
    account.load(time_log("a"), time_log("b"))
    warehouse.sync(**way, min_expected_rows=2)
    before = warehouse.everything()
    account.load(time_log("a", time=1))
    account.remove("b")

    with pytest.raises(IncompleteReadError, match=r"timeLogs: the read has 1 records, and at least 2 are expected"):
        warehouse.sync(**way, min_expected_rows=2)

    assert warehouse.everything() == before


@pytest.mark.parametrize("way", WAYS)
def test_wrongly_empty_lists_remove_no_row(account, warehouse, time_logs, caplog, way):
    account.load(*time_logs(MANY_ROWS + 1))
    warehouse.sync()
    before = warehouse.everything()

    manifest = warehouse.sync(EmptyLists(account.client()), **way)

    assert (manifest["rows_read"], manifest["rows_deleted"]) == (0, 0)
    assert manifest["deletions"].startswith("skipped: the API has the record 'm000', and its lists lack it")
    assert "the read has no records, and the table has 21 rows" in caplog.text
    assert "no rows are removed, skipped" in caplog.text
    assert warehouse.everything() == before


@pytest.mark.parametrize("way", WAYS)
def test_many_rows_that_moved_are_kept_and_those_that_left_the_filter_are_not(
    account, warehouse, time_log, time_logs, way
):
    number = 3 * MANY_ROWS
    account.load(time_log("a", project="p1"), *time_logs(number, project="p1"))
    warehouse.sync()
    account.load(*time_logs(MANY_ROWS, timestamp="2026-01-10T06:00:00.000Z", project="p1"))
    account.load(*time_logs(number - 5, first=MANY_ROWS, project="p2"))
    account.remove(*(record["_id"] for record in time_logs(number, first=number - 5)))

    manifest = warehouse.sync(filters={"project": "p1"}, **way)

    assert (manifest["rows_deleted"], manifest["rows_written"]) == (number - MANY_ROWS, MANY_ROWS)
    assert len(warehouse.ids("project = 'p1' and timestamp < '2026-02'")) == MANY_ROWS
    assert warehouse.ids("project = 'p2'") == []


@pytest.mark.parametrize(("way", "good_responses"), [(SEPTEMBER, 2), (FULL, 1)], ids=["window", "full"])
def test_a_second_read_that_fails_changes_no_row(account, warehouse, time_log, time_logs, way, good_responses):
    deleted = time_logs(MANY_ROWS + 1)
    account.load(time_log("a"), *deleted)
    warehouse.sync()
    account.load(time_log("a", time=1))
    account.remove(*(record["_id"] for record in deleted))
    before = warehouse.everything()
    account.fail({"kind": "html"}, after=good_responses)

    with pytest.raises(ProtocolError):
        warehouse.sync(**way)

    assert warehouse.everything() == before


@pytest.mark.parametrize("status", [401, 403, 500], ids=str)
def test_a_row_whose_deletion_is_not_confirmed_stays(account, warehouse, time_log, status):
    account.load(time_log("a"), time_log("b"))
    warehouse.sync()
    account.remove("b")
    account.fail({"kind": "status", "status": status}, after=2)

    with pytest.raises(SevenTimeError):
        warehouse.sync_september()

    assert warehouse.ids() == ["a", "b"]
