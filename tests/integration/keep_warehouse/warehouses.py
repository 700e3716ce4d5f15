"""Empty databases of each kind for the example DAG, and queries of them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import BaseHook
from sqlalchemy import create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from tests.unit.warehouse.databases.servers import MARIADB, POSTGRESQL

CONNECTION = "seventime_warehouse"
CONNECTION_ENV = "AIRFLOW_CONN_SEVENTIME_WAREHOUSE"
KINDS = ("sqlite", "postgresql", "mariadb")


@contextmanager
def warehouse(kind: str, folder: Path) -> Iterator[str]:
    """Yield the Airflow connection to an empty database, in JSON; without a server the test is skipped.

    :param kind: one of ``KINDS``.
    :param folder: for SQLite's file.
    """
    if kind == "sqlite":
        yield json.dumps({"conn_type": "sqlite", "host": str(folder / "warehouse.db")})
        return
    address = POSTGRESQL if kind == "postgresql" else MARIADB
    name = f"keep_warehouse_{uuid.uuid4().hex}"
    server = create_engine(address, isolation_level="AUTOCOMMIT")
    try:
        server.connect().close()
    except DBAPIError as error:
        pytest.skip(f"there is no database server: {error.orig}")
    with server.connect() as session:
        session.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield json.dumps(_connection(kind, make_url(address).set(database=name)))
    finally:
        with server.connect() as session:
            session.exec_driver_sql(f"DROP DATABASE {name}" + (" WITH (FORCE)" if kind == "postgresql" else ""))
        server.dispose()


def _connection(kind: str, url: URL) -> dict[str, Any]:
    server = {"host": url.host, "port": url.port, "login": url.username, "schema": url.database}
    if kind == "postgresql":
        return {"conn_type": "postgres", **server}
    return {"conn_type": "mysql", **server, "extra": {"client": "mysql-connector-python"}}


def rows(query: str) -> list[dict[str, Any]]:
    """Return the rows of a query to the warehouse of the environment, by column."""
    hook: Any = BaseHook.get_connection(CONNECTION).get_hook()

    def by_column(cursor: Any) -> list[dict[str, Any]]:
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    found: list[dict[str, Any]] = hook.run(query, handler=by_column)
    return found
