"""A schema of PostgreSQL that a sync is killed over."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import inspect
from sqlalchemy.engine import Engine

from airflow_provider_seventime.transfers.sql_engine import open_engine
from tests.integration.kills.warehouses import TABLE, WAREHOUSE_ENV, Copy, read_copy

CONNECTION = "postgres://postgres@127.0.0.1:5432/test"
TEMPLATE = "template"
SETTLE_SECONDS = 30.0


class PostgresWarehouse:
    """A schema of its own.

    :param engine: to the database.
    :param schema: that is made for it.
    """

    commits_columns = False

    def __init__(self, engine: Engine, schema: str) -> None:
        self._engine = engine
        self._schema = schema
        self.table = f"{schema}.{TABLE}"
        # The server's sessions go by that name, which libpq reads from there.
        self.environment = {WAREHOUSE_ENV: CONNECTION, "PGAPPNAME": schema}

    def begin_anew(self) -> None:
        self._execute(f"drop table if exists {self.table}")

    def begin_with_template(self, *, lacking: str | None = None) -> None:
        self.begin_anew()
        template = f"{self._schema}.{TEMPLATE}"
        self._execute(
            f"create table {self.table} (like {template} including all)",
            f"insert into {self.table} select * from {template}",
            *([f"alter table {self.table} drop column {lacking}"] if lacking else []),
        )

    def keep_as_template(self) -> None:
        self._execute(f"create table {self._schema}.{TEMPLATE} (like {self.table} including all)")
        self._execute(f"insert into {self._schema}.{TEMPLATE} select * from {self.table}")

    def copy(self) -> Copy | None:
        self._await_the_end_of_sessions()
        with self._engine.connect() as connection:
            assert set(inspect(connection).get_table_names(schema=self._schema)) <= {TABLE, TEMPLATE}
            return read_copy(connection, self._schema)

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
                f"select count(*) from pg_stat_activity where application_name = '{self._schema}'"
            ).scalar_one()

    def _execute(self, *statements: str) -> None:
        with self._engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)


@contextmanager
def schema_of_its_own() -> Iterator[PostgresWarehouse]:
    """A schema, dropped at the end.

    :raises ConfigError: Airflow's provider for PostgreSQL is not installed.
    :raises OperationalError: there is no server.
    """
    schema = f"kills_{uuid.uuid4().hex[:12]}"
    with open_engine("warehouse") as engine:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"create schema {schema}")
        try:
            yield PostgresWarehouse(engine, schema)
        finally:
            with engine.begin() as connection:
                connection.exec_driver_sql(f"drop schema {schema} cascade")
