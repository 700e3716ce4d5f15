"""Columns that a newer contract adds to an existing table, on every database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import event, inspect

from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.exceptions import MisfitError, WarehouseError
from airflow_provider_seventime.warehouse.schema.added_columns import NOT_FILLED_YET
from tests.unit.warehouse.record_copy import RecordCopy, typed_row

NOW = datetime(2026, 9, 2, 3, tzinfo=UTC)
LATER = datetime(2026, 9, 3, 3, tzinfo=UTC)
NEW_FIELDS = ("cost", "isAbsence", "invoicedDate", "user", "description")
EARLIER = replace(TIME_LOGS, fields={n: kind for n, kind in TIME_LOGS.fields.items() if n not in NEW_FIELDS})


@pytest.fixture
def earlier(engine):
    copy = RecordCopy(engine, "hours", EARLIER)
    copy.prepare()
    return copy


@pytest.fixture
def newer(engine):
    return RecordCopy(engine, "hours", TIME_LOGS)


@pytest.fixture
def columns(engine):
    """Return a function for the columns of ``hours``, as the database describes them."""
    return lambda: {column["name"]: column for column in inspect(engine).get_columns("hours")}


def test_new_columns_are_filled_from_the_stored_records(earlier, newer, stored, time_log):
    records = [
        time_log("a", cost=Decimal("10690.5824"), isAbsence=True, invoicedDate="2026-09-30T22:00:00.000Z"),
        time_log("b", cost=None, description="100 % \\ 'ö'"),
        {"_id": "c"},
    ]
    earlier.merge_records(records, NOW)

    newer.check()
    newer.prepare()

    assert stored("hours") == {r["_id"]: {**typed_row(TIME_LOGS, r), "synced_at": NOW} for r in records}
    assert newer.merge_records(records, LATER) == 0


def test_columns_are_filled_in_several_batches(earlier, newer, stored, time_log):
    earlier.merge_records([time_log(f"{number:04}", cost=number) for number in range(2_001)], NOW)

    newer.prepare()

    assert sorted(row["cost"] for row in stored("hours").values()) == list(range(2_001))


def test_a_complete_table_is_not_changed(engine, newer):
    newer.prepare()
    statements = []
    event.listen(engine, "before_cursor_execute", lambda *seen: statements.append(seen[2]))

    newer.prepare()

    assert statements
    assert [one for one in statements if one.upper().startswith(("ALTER", "CREATE", "UPDATE"))] == []


def test_a_column_of_the_user_is_not_changed(copy, query, time_log):
    copy.merge_records([time_log("a")], NOW)
    query("alter table seventime_time_logs add column cost_centre varchar(9) not null default 'none'")
    query("update seventime_time_logs set cost_centre = '4010'")

    copy.check()
    copy.prepare()
    copy.merge_records([time_log("a", time=6), time_log("b")], LATER)

    assert query("select id, time, cost_centre from seventime_time_logs order by id") == [
        ("a", 6, "4010"),
        ("b", 8, "none"),
    ]


def test_a_stored_value_that_does_not_fit_the_new_column(earlier, newer, columns, stored, driver, time_log):
    earlier.merge_records([time_log("a"), time_log("b", cost="free")], NOW)
    before = stored("hours", EARLIER)

    for _ in range(2):
        with pytest.raises(MisfitError, match="'b': cost holds a text of 4 characters, which is no number"):
            newer.prepare()

    assert stored("hours", EARLIER) == before
    assert ("cost" in columns()) is (driver == "mysqlconnector"), "MariaDB commits each ALTER by itself"
    earlier.delete(["b"])
    newer.prepare()
    assert stored("hours")["a"]["cost"] == Decimal("10690.5824")


def test_a_table_of_id_and_record_gets_the_other_columns(engine, newer, driver, query, stored, time_log):
    types = {"sqlite": ("text", "text"), "mysqlconnector": ("varchar(255) collate utf8mb4_bin", "longtext")}
    key, record = types.get(driver, ("text", "jsonb"))
    query(f"create table hours (id {key} primary key, record {record})")

    newer.check()
    newer.prepare()

    assert newer.merge_records([time_log("a")], NOW) == 1
    assert stored("hours") == {"a": {**typed_row(TIME_LOGS, time_log("a")), "synced_at": NOW}}


def test_the_next_run_continues_after_a_lost_connection(engine, earlier, newer, stored, kill, time_log):
    records = [time_log(f"{number:04}", cost=number) for number in range(1_500)]
    earlier.merge_records(records, NOW)

    with kill(engine, before="UPDATE"), pytest.raises(WarehouseError, match="the next run continues from there"):
        newer.prepare()

    newer.check()
    newer.prepare()
    assert stored("hours") == {r["_id"]: {**typed_row(TIME_LOGS, r), "synced_at": NOW} for r in records}


@pytest.mark.parametrize("driver", ["mysqlconnector"])
class TestDatabaseThatCommitsEachAlter:
    @pytest.mark.parametrize("moment", ["UPDATE", "MODIFY", "COMMIT"])
    def test_the_next_run_fills_the_columns_of_a_killed_run(
        self, engine, earlier, newer, columns, stored, kill, time_log, moment
    ):
        records = [time_log(f"{number:04}", cost=number) for number in range(1_500)]
        earlier.merge_records(records, NOW)

        with kill(engine, before=moment), pytest.raises(WarehouseError):
            newer.prepare()
        assert columns()["cost"]["comment"] == NOT_FILLED_YET

        newer.prepare()
        assert stored("hours") == {r["_id"]: {**typed_row(TIME_LOGS, r), "synced_at": NOW} for r in records}
        assert {column["comment"] for column in columns().values()} == {None}

    def test_rows_that_an_earlier_version_writes_meanwhile_are_kept(
        self, engine, other_engine, earlier, newer, stored, time_log
    ):
        earlier.merge_records([time_log(f"{number:04}", cost=number) for number in range(1_500)], NOW)
        meanwhile = RecordCopy(other_engine, "hours", EARLIER)
        written = []

        def write_between_two_batches(*seen):
            if seen[2] == "COMMIT" and not written:
                written.append(meanwhile.merge_records([time_log("1400", cost=Decimal("0.5"))], LATER))

        event.listen(engine, "before_cursor_execute", write_between_two_batches)
        newer.prepare()

        assert written == [1]
        assert stored("hours")["1400"]["cost"] == Decimal("0.5")
