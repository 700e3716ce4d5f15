"""Names of tables, and refusal of tables that are not copies."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.warehouse.schema.tables import table_of
from tests.unit.warehouse.record_copy import RecordCopy

NOW = datetime(2026, 9, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "schema", "table"),
    [
        ("time_logs", None, "time_logs"),
        ("hours.time_logs", "hours", "time_logs"),
        ("warehouse.hours.time_logs", "warehouse.hours", "time_logs"),
        ("tidloggar_åäö", None, "tidloggar_åäö"),
    ],
)
def test_schema_and_name_of_a_table(name, schema, table):
    found = table_of(TIME_LOGS, name)

    assert (found.schema, found.name) == (schema, table)


@pytest.mark.parametrize(
    "name", ["", " ", ".", "hours.", ".time_logs", "a..b", "time logs", '"a"', "a;b", "[a]", "50%"]
)
def test_names_that_no_table_can_have(name):
    with pytest.raises(ConfigError, match="table:"):
        table_of(TIME_LOGS, name)


def test_the_check_creates_nothing(engine, query):
    RecordCopy(engine, "seventime_time_logs", TIME_LOGS).check()

    assert query("select name from sqlite_master") == []


def test_a_table_in_an_existing_schema(engine, query, time_log):
    copy = RecordCopy(engine, "main.hours", TIME_LOGS)
    copy.check()
    copy.prepare()
    copy.check()

    assert copy.merge_records([time_log()], NOW) == 1
    assert query("select user_name from main.hours") == [("Tommy Hellström",)]


def test_a_missing_schema_is_refused(engine):
    with pytest.raises(ConfigError, match=r"the schema 'hours' of hours\.time_logs does not exist"):
        RecordCopy(engine, "hours.time_logs", TIME_LOGS).check()


@pytest.mark.parametrize(
    ("columns", "message"),
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
def test_a_table_that_is_not_a_copy_is_refused(engine, query, columns, message):
    query(f"create table seventime_time_logs ({columns})")

    with pytest.raises(ConfigError, match=message):
        RecordCopy(engine, "seventime_time_logs", TIME_LOGS).check()
