"""``deletions="mark"``: rows of deleted records are marked once, and unmarked when the record returns."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from airflow_provider_seventime.transfers.sync.deleted_rows import MANY_ROWS
from tests.unit.transfers.sync.conftest import SEPTEMBER

WAYS = [
    pytest.param({"mode": "full", "deletions": "mark"}, id="full"),
    pytest.param({**SEPTEMBER, "deletions": "mark"}, id="window"),
]


@pytest.fixture
def marks(warehouse):
    def found():
        return dict(warehouse.query("select id, deleted_at from seventime_time_logs order by id"))

    return found


@pytest.fixture
def sync(account, warehouse):
    """Run a sync, a day later on the sandbox's clock."""
    account.sandbox.freeze()
    account.sandbox.set_clock(datetime(2026, 10, 1, 10, tzinfo=UTC))

    def synced(**parameters):
        account.sandbox.advance(86_400)
        return warehouse.sync(clock=account.sandbox.now, **parameters)

    return synced


@pytest.mark.parametrize("way", WAYS)
def test_the_row_of_a_deleted_record_is_marked_once(account, sync, marks, time_log, way):
    account.load(time_log("a"), time_log("b"))
    sync(**way)
    account.remove("b")

    manifest = sync(**way)
    account.requests()
    again = sync(**way)

    assert (manifest["rows_deleted"], manifest["deletions"]) == (1, "done")
    assert marks() == {"a": None, "b": "2026-10-03 10:00:00.000000"}
    assert (again["rows_deleted"], again["rows_written"]) == (0, 0)
    assert [path for path, _ in account.requests()] == ["timeLogs"]


@pytest.mark.parametrize("way", WAYS)
def test_many_rows_of_deleted_records_are_marked_once(account, sync, marks, time_log, time_logs, way):
    deleted = time_logs(MANY_ROWS + 1)
    account.load(time_log("a"), *deleted)
    sync(**way)
    account.remove(*(record["_id"] for record in deleted))

    assert sync(**way)["rows_deleted"] == MANY_ROWS + 1
    assert sync(**way)["rows_deleted"] == 0
    assert [row_id for row_id, mark in marks().items() if mark is None] == ["a"]


@pytest.mark.parametrize(
    "back",
    [
        *WAYS,
        pytest.param({}, id="full-that-keeps"),
        pytest.param(SEPTEMBER, id="window-that-removes"),
        pytest.param({"modified_since": "2026-09-01"}, id="changes"),
    ],
)
def test_a_row_whose_record_returns_is_unmarked(account, sync, marks, time_log, back):
    account.load(time_log("a"), time_log("b"))
    sync(**SEPTEMBER, deletions="mark")
    account.remove("b")
    sync(**SEPTEMBER, deletions="mark")
    account.load(time_log("b"))

    manifest = sync(**back)

    assert marks() == {"a": None, "b": None}
    assert manifest["rows_written"] == 1


def test_marked_rows_stay_when_a_window_removes(account, sync, marks, time_log):
    account.load(time_log("a"), time_log("b"), time_log("c"))
    sync(**SEPTEMBER, deletions="mark")
    account.remove("b")
    sync(**SEPTEMBER, deletions="mark")
    account.remove("c")

    assert sync(**SEPTEMBER)["rows_deleted"] == 1
    assert set(marks()) == {"a", "b"}


def test_an_existing_table_gets_the_column_of_marks(account, warehouse, sync, marks, time_log):
    account.load(time_log("a"), time_log("b"))
    sync()
    account.remove("b")

    sync(mode="full", deletions="mark")

    assert marks() == {"a": None, "b": "2026-10-03 10:00:00.000000"}


@pytest.mark.parametrize(
    ("way", "rows"),
    [
        pytest.param({"mode": "full"}, ["a", "b", "c"], id="full-keeps"),
        pytest.param({**SEPTEMBER}, ["a", "c"], id="window-removes"),
        pytest.param({**SEPTEMBER, "deletions": "keep"}, ["a", "b", "c"], id="window-keep"),
        pytest.param({"mode": "full", "deletions": "remove"}, ["a"], id="full-remove"),
    ],
)
def test_defaults_of_deletions(account, warehouse, sync, time_log, way, rows):
    account.load(time_log("a"), time_log("b"), time_log("c", "2026-05-10T06:00:00.000Z"))
    sync()
    account.remove("b", "c")

    manifest = sync(**way)

    assert warehouse.ids() == rows
    assert manifest["rows_deleted"] == 3 - len(rows)
    assert manifest["deletions"] == ("done" if len(rows) < 3 else "not asked")
