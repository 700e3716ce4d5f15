"""A schema of PostgreSQL that a sync is killed over."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Engine

from airflow_provider_seventime.transfers.sync.sql_engine import open_engine
from tests.integration.kills.servers import ServerWarehouse
from tests.integration.kills.warehouses import WAREHOUSE_ENV

CONNECTION = "postgres://postgres@127.0.0.1:5432/test"


class PostgresWarehouse(ServerWarehouse):
    """A schema of its own.

    :param engine: to the database.
    :param schema: that is made for it.
    """

    def __init__(self, engine: Engine, schema: str) -> None:
        super().__init__(
            engine,
            schema=schema,
            create_like="create table {table} (like {template} including all)",
            count_sessions=f"select count(*) from pg_stat_activity where application_name = '{schema}'",
        )
        # The server's sessions go by that name, which libpq reads from there.
        self.environment = {WAREHOUSE_ENV: CONNECTION, "PGAPPNAME": schema}


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
