"""Rights that are missing, logins that are refused, and databases that cannot be written."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime

import pytest

from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.exceptions import ConfigError
from tests.unit.warehouse.record_copy import RecordCopy

NOW = datetime(2026, 9, 2, 3, tzinfo=UTC)

PREPARE = pytest.param(lambda copy, record: copy.prepare(), id="prepare")
MERGE = pytest.param(lambda copy, record: copy.merge_records([record("a"), record("b")], NOW), id="merge")
DELETE = pytest.param(lambda copy, record: copy.delete(["a"]), id="delete")
MARK = pytest.param(lambda copy, record: copy.mark_deleted(["a"], NOW), id="mark")
LOOK = pytest.param(lambda copy, record: copy.rows_not_read(set(), window=None, equal={}), id="look")


def grant_of(error):
    return re.search(r"for example: (.*)$", str(error.value))[1]


@pytest.fixture
def nobody(database, driver, query):
    """The name of a user who may log in, and do nothing."""
    name = f"nobody_{uuid.uuid4().hex[:12]}"
    if driver == "mysqlconnector":
        query(f"create user '{name}'@'127.0.0.%'")
        # Enough to connect to the database.
        query(f"grant show view on {database.schema}.* to '{name}'@'127.0.0.%'")
        yield name
        query(f"drop user '{name}'@'127.0.0.%'")
    else:
        query(f"create role {name} login")
        query(f"grant usage on schema {database.schema} to {name}")
        yield name
        query(f"reassign owned by {name} to current_user")
        query(f"drop owned by {name}")
        query(f"drop role {name}")


@pytest.fixture
def restricted(database, nobody):
    engine = database.engine(user=nobody)
    yield RecordCopy(engine, "hours", TIME_LOGS, marks_deletions=True)
    engine.dispose()


@pytest.fixture
def made(engine, time_log):
    copy = RecordCopy(engine, "hours", TIME_LOGS, marks_deletions=True)
    copy.prepare()
    copy.merge_records([time_log("a")], NOW)
    return copy


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "mysqlconnector"])
@pytest.mark.parametrize("work", [MERGE, DELETE, MARK, LOOK])
def test_a_right_on_the_table(made, restricted, nobody, query, time_log, work):
    """The statement in the error is all that it takes."""
    with pytest.raises(ConfigError, match=f"the database denies {nobody}(@.*)? a right while .*: .*hours") as refused:
        work(restricted, time_log)

    query(grant_of(refused))
    assert work(restricted, time_log)


@pytest.mark.parametrize("driver", ["psycopg2", "mysqlconnector"])
def test_the_right_to_make_a_table(restricted, nobody, query, time_log):
    with pytest.raises(ConfigError, match=f"denies {nobody}(@.*)? a right while .*: ") as refused:
        restricted.prepare()

    query(grant_of(refused))
    restricted.prepare()
    restricted.check()
    assert restricted.is_empty()


@pytest.mark.parametrize("driver", ["psycopg2", "mysqlconnector"])
def test_the_right_to_widen_a_table(engine, restricted, nobody, driver, query, stored, time_log):
    earlier = RecordCopy(engine, "hours", TIME_LOGS)
    earlier.prepare()
    query("alter table hours drop column cost")
    earlier_rows = 'insert into hours (id, record) values (\'a\', \'{"_id": "a", "cost": 1.5}\')'
    query(earlier_rows)
    if driver == "mysqlconnector":
        query(f"grant select on hours to '{nobody}'@'127.0.0.%'")
    else:
        query(f"grant select on hours to {nobody}")

    with pytest.raises(ConfigError, match="the next run continues from there") as refused:
        restricted.prepare()
    query(grant_of(refused))
    restricted.prepare()

    assert float(stored("hours")["a"]["cost"]) == 1.5


@pytest.mark.parametrize("driver", ["psycopg2"])
def test_the_right_to_temporary_tables(database, nobody, time_log):
    name = f"warehouse_{uuid.uuid4().hex}"
    server = database.at().execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"create database {name}")
        connection.exec_driver_sql(f"revoke temporary on database {name} from public")
    owner, user = database.at(database=name), database.at(database=name, username=nobody)
    try:
        RecordCopy(owner, "hours", TIME_LOGS).prepare()
        with owner.begin() as connection:
            connection.exec_driver_sql(f"grant select, insert, update on hours to {nobody}")
        copy = RecordCopy(user, "hours", TIME_LOGS)
        with pytest.raises(ConfigError, match=f"GRANT TEMPORARY ON DATABASE {name} TO {nobody}$") as refused:
            copy.merge_records([time_log("a")], NOW)
        with owner.begin() as connection:
            connection.exec_driver_sql(grant_of(refused))
        assert copy.merge_records([time_log("a")], NOW) == 1
    finally:
        owner.dispose()
        user.dispose()
        with server.connect() as connection:
            connection.exec_driver_sql(f"drop database {name}")
        server.dispose()


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "mysqlconnector"])
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"username": "nobody_at_all", "password": "hunter2"}, "nobody_at_all", id="user"),
        pytest.param({"database": "no_such_database"}, "no_such_database", id="database"),
    ],
)
def test_a_login_that_is_refused(database, changes, told):
    engine = database.at(**changes)

    with pytest.raises(ConfigError, match=f"the database cannot be opened: .*{told}") as refused:
        RecordCopy(engine, "hours", TIME_LOGS).check()

    assert "hunter2" not in str(refused.value)
    engine.dispose()


@pytest.mark.parametrize(
    ("driver", "session"),
    [
        pytest.param("psycopg2", {"default_transaction_read_only": "on"}, id="postgresql"),
        pytest.param("mysqlconnector", {"init_command": "SET SESSION TRANSACTION READ ONLY"}, id="mariadb"),
    ],
)
def test_a_session_for_reading_only(database, made, time_log, session):
    engine = database.engine(**session)

    with pytest.raises(ConfigError, match="the database is read-only"):
        RecordCopy(engine, "hours", TIME_LOGS).merge_records([time_log("b")], NOW)

    engine.dispose()


@pytest.mark.parametrize("driver", ["sqlite"])
class TestSqlite:
    def test_a_file_for_reading_only(self, database, made, time_log):
        engine = database.at(database=f"file:{database.url.database}", query={"mode": "ro", "uri": "true"})

        with pytest.raises(ConfigError, match="the database is read-only"):
            RecordCopy(engine, "hours", TIME_LOGS).merge_records([time_log("b")], NOW)

        engine.dispose()

    def test_a_folder_that_is_missing(self, database, tmp_path):
        engine = database.at(database=str(tmp_path / "missing" / "warehouse.db"))

        with pytest.raises(ConfigError, match="the database cannot be opened: unable to open database file"):
            RecordCopy(engine, "hours", TIME_LOGS).check()

    def test_a_file_of_something_else(self, database, tmp_path):
        (tmp_path / "letter.txt").write_text("Hej!\n" * 1_000, encoding="utf-8")
        engine = database.at(database=str(tmp_path / "letter.txt"))

        with pytest.raises(ConfigError, match="the database cannot be opened: file is not a database"):
            RecordCopy(engine, "hours", TIME_LOGS).check()
        engine.dispose()
