"""The table: made, checked, widened."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.exceptions import ConfigError, ProtocolError
from airflow_provider_seventime.warehouse.copy import CollectionCopy
from airflow_provider_seventime.warehouse.tables import table_of

NOW = datetime(2026, 9, 2, 3, tzinfo=UTC)
LATER = datetime(2026, 9, 3, 3, tzinfo=UTC)


def without(resource, *fields):
    """Return the collection as an earlier version of the contract knew it."""
    return replace(resource, fields={name: kind for name, kind in resource.fields.items() if name not in fields})


@pytest.mark.parametrize(
    ("name", "schema", "table"),
    [
        ("time_logs", None, "time_logs"),
        ("hours.time_logs", "hours", "time_logs"),
        ("warehouse.hours.time_logs", "warehouse.hours", "time_logs"),
        ("tidloggar_åäö", None, "tidloggar_åäö"),
    ],
)
def test_the_name_of_a_table(name, schema, table):
    made = table_of(TIME_LOGS, name)

    assert (made.schema, made.name) == (schema, table)


@pytest.mark.parametrize("name", ["", " ", ".", "hours.", ".time_logs", "a..b", "time logs", '"a"', "a;b", "[a]"])
def test_a_name_that_no_table_has(name):
    with pytest.raises(ConfigError, match="table:"):
        table_of(TIME_LOGS, name)


def test_checking_makes_nothing(engine, query):
    CollectionCopy(engine, "seventime_time_logs", TIME_LOGS).check()

    assert query("select name from sqlite_master") == []


def test_a_table_in_a_schema_that_is_there(engine, query, time_log):
    copy = CollectionCopy(engine, "main.hours", TIME_LOGS)
    copy.check()
    copy.prepare()
    copy.check()

    assert copy.merge([time_log()], NOW) == 1
    assert query("select user_name from main.hours") == [("Tommy Hellström",)]


def test_a_schema_that_is_missing(engine):
    with pytest.raises(ConfigError, match=r"no schema 'hours' for hours\.time_logs"):
        CollectionCopy(engine, "hours.time_logs", TIME_LOGS).check()


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        pytest.param("nr integer primary key", "lacks the column id and record", id="neither"),
        pytest.param("id text primary key", "lacks the column record", id="no-record"),
        pytest.param("record text", "lacks the column id", id="no-id"),
        pytest.param("id text, record text", "the primary key of seventime_time_logs is missing", id="no-key"),
        pytest.param("id text, record text, nr int primary key", "the primary key .* is nr", id="another-key"),
        pytest.param(
            "id text, record text, d text, primary key (id, d)", "the primary key .* is id, d", id="wider-key"
        ),
    ],
)
def test_a_table_that_is_no_copy_is_left_alone(engine, query, columns, complaint):
    query(f"create table seventime_time_logs ({columns})")

    with pytest.raises(ConfigError, match=complaint):
        CollectionCopy(engine, "seventime_time_logs", TIME_LOGS).check()


def test_preparing_twice_changes_nothing(copy, query):
    before = query("select sql from sqlite_master")

    copy.prepare()

    assert query("select sql from sqlite_master") == before


def test_new_columns_are_filled_from_the_records_that_are_there(engine, query, time_log):
    earlier = CollectionCopy(engine, "hours", without(TIME_LOGS, "cost", "isAbsence", "invoicedDate"))
    earlier.prepare()
    earlier.merge(
        [
            time_log("a", cost=Decimal("10690.5824"), isAbsence=True, invoicedDate="2026-09-30T22:00:00.000Z"),
            time_log("b", cost=None),
        ],
        NOW,
    )

    grown = CollectionCopy(engine, "hours", TIME_LOGS)
    grown.check()
    grown.prepare()

    assert query("select id, cost, is_absence, invoiced_date, synced_at from hours order by id") == [
        ("a", 10690.5824, 1, "2026-09-30 22:00:00.000000", "2026-09-02 03:00:00.000000"),
        ("b", None, None, None, "2026-09-02 03:00:00.000000"),
    ]
    assert grown.merge([time_log("b", cost=None)], LATER) == 0


def test_more_rows_than_fit_in_one_batch_are_filled(engine, query, time_log):
    earlier = CollectionCopy(engine, "hours", without(TIME_LOGS, "cost"))
    earlier.prepare()
    earlier.merge([time_log(f"{number:04}", cost=number) for number in range(2_001)], NOW)

    CollectionCopy(engine, "hours", TIME_LOGS).prepare()

    assert query("select count(*), sum(cost), count(distinct cost) from hours") == [(2_001, 2_001_000, 2_001)]


def test_a_growth_that_fails_leaves_the_table_as_it_was(engine, query, time_log):
    earlier = CollectionCopy(engine, "hours", without(TIME_LOGS, "cost"))
    earlier.prepare()
    earlier.merge([time_log("a"), time_log("b", cost="free")], NOW)
    before = query("select sql from sqlite_master"), query("select * from hours")

    with pytest.raises(ProtocolError, match="'b': cost holds 'free'"):
        CollectionCopy(engine, "hours", TIME_LOGS).prepare()

    assert (query("select sql from sqlite_master"), query("select * from hours")) == before


def test_a_table_made_by_hand_of_id_and_record_is_completed(engine, query, time_log):
    query("create table hours (id text primary key, record text)")
    copy = CollectionCopy(engine, "hours", TIME_LOGS)
    copy.check()
    copy.prepare()

    assert copy.merge([time_log("a")], NOW) == 1
    assert query("select id, time, synced_at from hours") == [("a", 8, "2026-09-02 03:00:00.000000")]


def test_a_column_of_the_user_is_left_alone(copy, query, time_log):
    copy.merge([time_log("a")], NOW)
    query("alter table seventime_time_logs add column cost_centre text default 'none'")
    query("update seventime_time_logs set cost_centre = '4010'")

    copy.prepare()
    copy.merge([time_log("a", time=6), time_log("b")], LATER)

    assert query("select id, time, cost_centre from seventime_time_logs order by id") == [
        ("a", 6, "4010"),
        ("b", 8, "none"),
    ]
