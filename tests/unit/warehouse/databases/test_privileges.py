"""Missing privileges, refused logins, and databases that are read-only."""

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
SEARCH = pytest.param(lambda copy, record: copy.rows_not_read(set(), window=None, equal={}), id="search")


def grant_of(error):
    return re.search(r"for example: (.*)$", str(error.value))[1]


@pytest.fixture
def restricted_user(database, driver, query):
    """Create a user who may log in and has no other privilege; return the name."""
    name = f"restricted_{uuid.uuid4().hex[:12]}"
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
def restricted(database, restricted_user):
    engine = database.engine(user=restricted_user)
    yield RecordCopy(engine, "hours", TIME_LOGS, marks_deletions=True)
    engine.dispose()


@pytest.fixture
def prepared(engine, time_log):
    copy = RecordCopy(engine, "hours", TIME_LOGS, marks_deletions=True)
    copy.prepare()
    copy.merge_records([time_log("a")], NOW)
    return copy


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "mysqlconnector"])
@pytest.mark.parametrize("work", [MERGE, DELETE, MARK, SEARCH])
def test_the_suggested_grant_on_a_table_suffices(prepared, restricted, restricted_user, query, time_log, work):
    """The grant in the error message is enough for the action."""
    with pytest.raises(
        ConfigError, match=f"the database denies {restricted_user}(@.*)? a right while .*: .*hours"
    ) as refused:
        work(restricted, time_log)

    query(grant_of(refused))
    assert work(restricted, time_log)


@pytest.mark.parametrize("driver", ["psycopg2", "mysqlconnector"])
def test_the_suggested_grant_to_create_a_table_suffices(restricted, restricted_user, query, time_log):
    with pytest.raises(ConfigError, match=f"denies {restricted_user}(@.*)? a right while .*: ") as refused:
        restricted.prepare()

    query(grant_of(refused))
    restricted.prepare()
    restricted.check()
    assert restricted.is_empty()


@pytest.mark.parametrize("driver", ["psycopg2", "mysqlconnector"])
def test_the_suggested_grant_to_add_columns_suffices(
    engine, restricted, restricted_user, driver, query, stored, time_log
):
    earlier = RecordCopy(engine, "hours", TIME_LOGS)
    earlier.prepare()
    query("alter table hours drop column cost")
    earlier_rows = 'insert into hours (id, record) values (\'a\', \'{"_id": "a", "cost": 1.5}\')'
    query(earlier_rows)
    if driver == "mysqlconnector":
        query(f"grant select on hours to '{restricted_user}'@'127.0.0.%'")
    else:
        query(f"grant select on hours to {restricted_user}")

    with pytest.raises(ConfigError, match="the next run continues from there") as refused:
        restricted.prepare()
    query(grant_of(refused))
    restricted.prepare()

    assert float(stored("hours")["a"]["cost"]) == 1.5


@pytest.mark.parametrize("driver", ["psycopg2"])
def test_the_suggested_grant_for_temporary_tables_suffices(database, restricted_user, time_log):
    name = f"warehouse_{uuid.uuid4().hex}"
    server = database.at().execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"create database {name}")
        connection.exec_driver_sql(f"revoke temporary on database {name} from public")
    owner, user = database.at(database=name), database.at(database=name, username=restricted_user)
    try:
        RecordCopy(owner, "hours", TIME_LOGS).prepare()
        with owner.begin() as connection:
            connection.exec_driver_sql(f"grant select, insert, update on hours to {restricted_user}")
        copy = RecordCopy(user, "hours", TIME_LOGS)
        with pytest.raises(ConfigError, match=f"GRANT TEMPORARY ON DATABASE {name} TO {restricted_user}$") as refused:
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
    ("changes", "named"),
    [
        pytest.param({"username": "no_such_user", "password": "hunter2"}, "no_such_user", id="user"),
        pytest.param({"database": "no_such_database"}, "no_such_database", id="database"),
    ],
)
def test_a_refused_login(database, changes, named):
    engine = database.at(**changes)

    with pytest.raises(ConfigError, match=f"the database cannot be opened: .*{named}") as refused:
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
def test_a_read_only_session(database, prepared, time_log, session):
    engine = database.engine(**session)

    with pytest.raises(ConfigError, match="the database is read-only"):
        RecordCopy(engine, "hours", TIME_LOGS).merge_records([time_log("b")], NOW)

    engine.dispose()


@pytest.mark.parametrize("driver", ["sqlite"])
class TestSqlite:
    def test_a_read_only_file(self, database, prepared, time_log):
        engine = database.at(database=f"file:{database.url.database}", query={"mode": "ro", "uri": "true"})

        with pytest.raises(ConfigError, match="the database is read-only"):
            RecordCopy(engine, "hours", TIME_LOGS).merge_records([time_log("b")], NOW)

        engine.dispose()

    def test_a_missing_folder(self, database, tmp_path):
        engine = database.at(database=str(tmp_path / "missing" / "warehouse.db"))

        with pytest.raises(ConfigError, match="the database cannot be opened: unable to open database file"):
            RecordCopy(engine, "hours", TIME_LOGS).check()

    def test_a_file_that_is_not_a_database(self, database, tmp_path):
        (tmp_path / "letter.txt").write_text("Hej!\n" * 1_000, encoding="utf-8")
        engine = database.at(database=str(tmp_path / "letter.txt"))

        with pytest.raises(ConfigError, match="the database cannot be opened: file is not a database"):
            RecordCopy(engine, "hours", TIME_LOGS).check()
        engine.dispose()
