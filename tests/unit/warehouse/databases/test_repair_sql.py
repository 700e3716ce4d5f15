"""Tables that another program created: accepted types, and errors with the SQL that repairs the table."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.exceptions import ConfigError
from tests.unit.warehouse.record_copy import RecordCopy, typed_row

NOW = datetime(2026, 9, 2, 3, tzinfo=UTC)
POSTGRESQL = pytest.mark.parametrize("driver", ["psycopg2"])
MARIADB = pytest.mark.parametrize("driver", ["mysqlconnector"])
SQLITE = pytest.mark.parametrize("driver", ["sqlite"])


@pytest.fixture
def problem(copy):
    """Return a function that checks the table: the error message, or None."""

    def check():
        try:
            copy.check()
        except ConfigError as error:
            return str(error)
        return None

    return check


def repair_statement(message):
    """Return the statement that an error message gives."""
    (statement,) = re.findall(r"(ALTER TABLE .*?)(?: \(the next run .*\))?$", message, re.MULTILINE)
    return statement


@pytest.fixture
def repaired(copy, query, problem, stored, time_log):
    """Alter a table that has rows, run the suggested repair, and check that no value is lost. Return the message."""

    def alter(*statements):
        records = [time_log("a", time=Decimal("7.5"), isAbsence=True), time_log("b", userName="Åsa 😀")]
        copy.merge_records(records, NOW)
        for statement in statements:
            query(statement)
        message = problem()
        assert message is not None
        query(repair_statement(message))
        assert problem() is None
        copy.prepare()
        assert problem() is None
        assert stored() == {r["_id"]: {**typed_row(TIME_LOGS, r), "synced_at": NOW} for r in records}
        return message

    return alter


@POSTGRESQL
@pytest.mark.parametrize(
    ("column", "type_", "expected"),
    [
        ("time", "integer", "time is integer and must be numeric: ALTER TABLE seventime_time_logs DROP COLUMN time ("),
        ("time", "numeric(12,2)", "time is numeric(12, 2) and must be numeric: "),
        ("time", "double precision", "must be numeric: "),
        ("time", "text", "time is text and must be numeric: "),
        ("user_name", "varchar(200)", "varchar(200) and must be text: ALTER TABLE seventime_time_logs ALTER COLUMN"),
        ("user_name", "char(40)", "user_name is char(40) and must be text: "),
        (
            '"user"',
            "varchar(30)",
            'user is varchar(30) and must be text: ALTER TABLE seventime_time_logs ALTER COLUMN "',
        ),
        ("status", "integer", "status is integer and must be bigint: ALTER TABLE seventime_time_logs ALTER COLUMN"),
        ("status", "smallint", "status is smallint and must be bigint: "),
        ("is_absence", "integer", "is_absence is integer and must be boolean: "),
        ("timestamp", "timestamp", "without time zone and must be timestamp with time zone: ALTER TABLE"),
        (
            "timestamp",
            "timestamptz(0)",
            "timestamp is timestamp(0) with time zone and must be timestamp with time zone",
        ),
        ("timestamp", "date", "timestamp is date and must be timestamp with time zone: "),
        ("synced_at", "timestamp", "TYPE timestamp with time zone USING synced_at AT TIME ZONE 'UTC'"),
        ("record", "json", "record is json and must be jsonb: "),
        ("record", "text", "record is text and must be jsonb: "),
        ("id", "varchar(30)", "id is varchar(30) and must be text: "),
    ],
)
def test_repair_of_a_column_of_postgresql(repaired, column, type_, expected):
    using = {"is_absence": f"{column}::integer", "timestamp": "timestamp at time zone 'UTC'"}.get(column, column)
    message = repaired(f"alter table seventime_time_logs alter column {column} type {type_} using ({using})::{type_}")

    assert "table: seventime_time_logs would change or reject values of a row" in message
    assert expected in message


@MARIADB
@pytest.mark.parametrize(
    ("column", "type_", "expected"),
    [
        ("time", "int", "time is integer(11) and must be numeric(38, 18): ALTER TABLE seventime_time_logs DROP COLUMN"),
        ("time", "decimal(12,2)", "time is decimal(12, 2) and must be numeric(38, 18): "),
        ("time", "double", "time is double and must be numeric(38, 18): "),
        ("user_name", "varchar(200) charset utf8mb4", "varchar(200) and must be longtext character set utf8mb4: "),
        ("user_name", "tinytext charset utf8mb4", "user_name is tinytext and must be longtext"),
        ("user", "char(99) charset utf8mb4", "user is char(99) and must be varchar(255)"),
        ("status", "int", "status is integer(11) and must be bigint: ALTER TABLE seventime_time_logs MODIFY status"),
        ("status", "bigint unsigned", "status is bigint(20) unsigned and must be bigint: "),
        ("timestamp", "datetime", "timestamp is datetime and must be datetime(6): "),
        ("timestamp", "timestamp(6) null", "timestamp is timestamp(6) and must be datetime(6): "),
        ("record", "text charset utf8mb4", "record is text and must be longtext character set utf8mb4 collate utf8mb4"),
        ("id", "varchar(30) charset utf8mb4 collate utf8mb4_bin", "must be varchar(255) character set utf8mb4 collate"),
        ("id", "varchar(255) charset utf8mb4", "id has the collation utf8mb4_general_ci, which treats different ids"),
        ("project", "longtext charset latin1", "project has the character set latin1, which lacks most characters"),
        ("user_name", "longtext charset utf8mb4 not null", "user_name is NOT NULL, and a record may lack it: "),
    ],
)
def test_repair_of_a_column_of_mariadb(repaired, column, type_, expected):
    assert expected in repaired(f"alter table seventime_time_logs modify `{column}` {type_}")


@MARIADB
def test_repair_of_a_table_without_transactions(repaired):
    expected = repaired("alter table seventime_time_logs engine = Aria")

    assert "its storage engine is Aria, which has no transactions: " in expected


@MARIADB
def test_repair_of_a_unique_index_that_would_merge_records(repaired):
    expected = repaired("create unique index one_per_user on seventime_time_logs (user_name(40))")

    assert "one_per_user is a unique index, so one record would overwrite the row of another: ALTER" in expected


@SQLITE
@pytest.mark.parametrize(
    ("column", "type_", "expected"),
    [
        (
            "time",
            "text",
            "time is text and must be numeric: ALTER TABLE seventime_time_logs DROP COLUMN time (the next",
        ),
        ("user_name", "integer", "user_name is integer and must be text: "),
        ("status", "real", "status is real and must be bigint: "),
        ("is_absence", "varchar(5)", "is_absence is varchar(5) and must be boolean: "),
        ("user_name", "text not null default ''", "user_name is NOT NULL, and a record may lack it: "),
    ],
)
def test_repair_of_a_column_of_sqlite(repaired, column, type_, expected):
    message = repaired(
        f"alter table seventime_time_logs drop column {column}",
        f"alter table seventime_time_logs add column {column} {type_}",
    )

    assert expected in message


@SQLITE
def test_repair_of_an_integer_key_of_sqlite(engine, query, time_log):
    query("create table hours (id integer primary key, record text)")
    copy = RecordCopy(engine, "hours", TIME_LOGS)

    with pytest.raises(
        ConfigError, match="id is integer and must be text: ALTER TABLE hours RENAME TO hours_old"
    ) as it:
        copy.check()
    query(repair_statement(str(it.value)))
    copy.check()


@pytest.mark.parametrize(
    ("driver", "columns"),
    [
        pytest.param(
            "psycopg2",
            "id varchar(64) primary key, user_name varchar, description varchar(20000), time numeric(40,18), "
            "status numeric(19), timestamp timestamptz(3), record jsonb, project some_text",
            id="postgresql",
        ),
        pytest.param(
            "mysqlconnector",
            "id varchar(64) charset utf8mb4 collate utf8mb4_nopad_bin primary key, user_name text charset utf8mb4, "
            "description mediumtext charset utf8mb4, time decimal(40,20), status decimal(19), is_absence int, "
            "timestamp datetime(3), record json, project varchar(4000) charset utf8mb4",
            id="mariadb",
        ),
        pytest.param(
            "sqlite",
            "id varchar(10) primary key, user_name varchar(3), description, time decimal(10,2), cost real, price int, "
            "status int, is_absence int, timestamp text, end_timestamp timestamp, record json",
            id="sqlite",
        ),
    ],
)
def test_accepted_types(engine, driver, query, stored, time_log, columns):
    if driver == "psycopg2":
        query("create domain some_text as text")
    query(f"create table hours ({columns})")
    record = time_log("a", description="x" * 10_000, isAbsence=True, project="p1")
    copy = RecordCopy(engine, "hours", TIME_LOGS)

    copy.check()
    copy.prepare()
    copy.check()

    assert copy.merge_records([record], NOW) == 1
    assert stored("hours") == {"a": {**typed_row(TIME_LOGS, record), "synced_at": NOW}}
    assert copy.merge_records([record], NOW) == 0


def test_a_created_table_passes_the_check(copy, problem):
    assert problem() is None


def test_the_error_lists_every_problem(engine, driver, query):
    key = "varchar(255) collate utf8mb4_bin" if driver == "mysqlconnector" else "text"
    record = {"psycopg": "jsonb", "psycopg2": "jsonb", "mysqlconnector": "longtext"}.get(driver, "text")
    query(f"create table hours (id {key} primary key, record {record}, time varchar(9), price date)")

    with pytest.raises(ConfigError) as refused:
        RecordCopy(engine, "hours", TIME_LOGS).check()

    message = str(refused.value)
    assert "  - time is varchar(9) and must be numeric" in message
    assert ("  - price is date and must be numeric" in message) is (driver != "sqlite"), (
        "SQLite keeps a number as it is"
    )


def test_a_column_of_the_user_with_a_default_is_accepted(copy, query, problem):
    query("alter table seventime_time_logs add column cost_centre varchar(9) not null default 'none'")
    assert problem() is None

    query("drop table seventime_time_logs")
    copy.prepare()
    assert problem() is None


@pytest.mark.parametrize("driver", ["psycopg2", "mysqlconnector"])
def test_a_required_column_of_the_user_is_refused(copy, query, problem, driver):
    query("alter table seventime_time_logs add column cost_centre varchar(9) not null")

    assert "cost_centre, which this package did not add, is NOT NULL and has no default" in problem()


@POSTGRESQL
def test_generated_columns_of_the_user_are_accepted(copy, query, problem):
    query("alter table seventime_time_logs add column nr bigint generated always as identity")
    query("alter table seventime_time_logs add column serial bigserial")
    query("alter table seventime_time_logs add column upper text not null generated always as (upper(id)) stored")

    assert problem() is None


@POSTGRESQL
def test_an_unknown_type_in_a_column_of_the_user_is_accepted(copy, query, problem):
    query("alter table seventime_time_logs add column place point")

    assert problem() is None
