"""Engines to every database, and the content of its tables."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal

import pytest
from sqlalchemy import Text, cast, event, select

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.warehouse.schema.columns import RECORD
from airflow_provider_seventime.warehouse.schema.tables import table_of
from tests.unit.warehouse.databases import servers


@pytest.fixture(params=servers.DRIVERS)
def driver(request):
    return request.param


@pytest.fixture
def database(driver, tmp_path):
    with servers.database(driver, tmp_path) as opened:
        yield opened


@pytest.fixture
def engine(database):
    engine = database.engine()
    yield engine
    engine.dispose()


@pytest.fixture
def other_engine(database):
    """Another client of the same database."""
    engine = database.engine()
    yield engine
    engine.dispose()


def as_number(value):
    return Decimal(str(value)) if isinstance(value, float) else value  # SQLite has no decimals


@pytest.fixture
def stored(engine):
    """Return the rows of a table by id, every column in its type and the record decoded."""

    def read(name="seventime_time_logs", collection=TIME_LOGS, *, marks_deletions=False):
        table = table_of(collection, name, marks_deletions=marks_deletions)
        columns = [cast(column, Text) if column.name == RECORD else column for column in table.columns]
        names = [column.name for column in table.columns]
        with engine.connect() as connection:
            rows = [
                {key: as_number(value) for key, value in zip(names, row, strict=True)}
                for row in connection.execute(select(*columns))
            ]
        return {row["id"]: {**row, RECORD: exact_json.decode(row[RECORD])} for row in rows}

    return read


@pytest.fixture
def kill(other_engine):
    """End the session of an engine on the server, just before the engine sends a statement."""

    @contextmanager
    def killed(engine, before):
        seen = []

        def end(connection, cursor, statement, *rest):
            if before in statement and not seen:
                seen.append(statement)
                end_session(connection, other_engine)

        event.listen(engine, "before_cursor_execute", end)
        try:
            yield
        finally:
            event.remove(engine, "before_cursor_execute", end)
        assert seen, f"no statement with {before} was sent"

    return killed


def end_session(connection, other_engine):
    """End a session as an administrator does. SQLite has no sessions: interrupt its next statement."""
    if connection.dialect.name == "sqlite":
        once = iter([1])
        connection.connection.driver_connection.set_progress_handler(lambda: next(once, 0), 1)
        return
    number = session_number(connection)
    end = {"postgresql": f"select pg_terminate_backend({number})", "mysql": f"kill {number}"}
    with other_engine.connect() as other:
        other.exec_driver_sql(end[connection.dialect.name])


@pytest.fixture
def session_of():
    """Return the server's number of a session."""
    return session_number


def session_number(connection):
    own = {"postgresql": "select pg_backend_pid()", "mysql": "select connection_id()"}[connection.dialect.name]
    cursor = connection.connection.cursor()
    cursor.execute(own)
    (number,) = cursor.fetchone()
    cursor.close()
    return number
