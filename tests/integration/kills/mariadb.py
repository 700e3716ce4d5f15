"""A database of MariaDB that a sync is killed over."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.pool import NullPool

from tests.integration.kills.servers import ServerWarehouse
from tests.integration.kills.warehouses import WAREHOUSE_ENV
from tests.unit.warehouse.databases.servers import MARIADB, missing


class MariaDbWarehouse(ServerWarehouse):
    """A database of its own.

    :param engine: to the database, without a pool.
    :param name: of the database.
    """

    # A change of a table is committed at once there.
    commits_columns = True

    def __init__(self, engine: Engine, name: str) -> None:
        super().__init__(
            engine,
            schema=None,
            create_like="create table {table} like {template}",
            count_sessions=(
                f"select count(*) from information_schema.processlist where db = '{name}' and id <> connection_id()"
            ),
        )
        url = engine.url
        connection = {"conn_type": "mysql", "host": url.host, "port": url.port, "login": url.username, "schema": name}
        self.environment = {WAREHOUSE_ENV: json.dumps({**connection, "extra": {"client": "mysql-connector-python"}})}


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
