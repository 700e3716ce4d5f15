"""A database of MariaDB that a sync is killed over."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.pool import NullPool

from tests.integration.kills.warehouses import TABLE, WAREHOUSE_ENV, Copy, read_copy
from tests.unit.warehouse.databases.servers import MARIADB, missing

TEMPLATE = "template"
SETTLE_SECONDS = 30.0


class MariaDbWarehouse:
    """A database of its own.

    :param engine: to the database, without a pool.
    :param name: of the database.
    """

    table = TABLE
    # A change of a table is committed at once there.
    commits_columns = True

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        url = engine.url
        connection = {"conn_type": "mysql", "host": url.host, "port": url.port, "login": url.username, "schema": name}
        self.environment = {WAREHOUSE_ENV: json.dumps({**connection, "extra": {"client": "mysql-connector-python"}})}

    def begin_anew(self) -> None:
        self._execute(f"drop table if exists {TABLE}")

    def begin_with_template(self, *, lacking: str | None = None) -> None:
        self.begin_anew()
        self._execute(
            f"create table {TABLE} like {TEMPLATE}",
            f"insert into {TABLE} select * from {TEMPLATE}",
            *([f"alter table {TABLE} drop column {lacking}"] if lacking else []),
        )

    def keep_as_template(self) -> None:
        self._execute(f"create table {TEMPLATE} like {TABLE}", f"insert into {TEMPLATE} select * from {TABLE}")

    def copy(self) -> Copy | None:
        self._await_the_end_of_sessions()
        with self._engine.connect() as connection:
            assert set(inspect(connection).get_table_names()) <= {TABLE, TEMPLATE}
            return read_copy(connection, None)

    def check_nothing_else(self) -> None:
        self._await_the_end_of_sessions()  # and with them of locks and temporary tables

    def _await_the_end_of_sessions(self) -> None:
        # The server notices that a client is dead when it has done what that had asked for.
        deadline = time.monotonic() + SETTLE_SECONDS
        while self._sessions():
            assert time.monotonic() < deadline, "sessions of killed tasks do not end"
            time.sleep(0.002)

    def _sessions(self) -> int:
        with self._engine.connect() as connection:
            return connection.exec_driver_sql(
                f"select count(*) from information_schema.processlist where db = '{self._name}' "
                "and id <> connection_id()"
            ).scalar_one()

    def _execute(self, *statements: str) -> None:
        with self._engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)


@contextmanager
def database_of_its_own() -> Iterator[MariaDbWarehouse]:
    """A database, dropped at the end; without a server the test is skipped."""
    if reason := missing(MARIADB):
        pytest.skip(reason)
    name = f"kills_{uuid.uuid4().hex[:12]}"
    server = create_engine(MARIADB, poolclass=NullPool)
    engine = create_engine(make_url(MARIADB).set(database=name), poolclass=NullPool)
    with server.begin() as connection:
        connection.exec_driver_sql(f"create database {name}")
    try:
        yield MariaDbWarehouse(engine, name)
    finally:
        with server.begin() as connection:
            connection.exec_driver_sql(f"drop database {name}")
        engine.dispose()
        server.dispose()
