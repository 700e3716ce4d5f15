"""A schema of its own on each database server of this machine."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import create_engine
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import DBAPIError

POSTGRESQL = "postgresql+psycopg2://postgres@127.0.0.1:5432/test"
MARIADB = "mysql+mysqlconnector://root@127.0.0.1:3306/"
SQLITE = "sqlite:///"

# psycopg 3 needs SQLAlchemy 2.
DRIVERS = ("sqlite", "psycopg", "psycopg2", "mysqlconnector")


@cache
def missing(url: str) -> str | None:
    """Return the reason to skip tests on a server; None: it can be reached."""
    engine = create_engine(url)
    try:
        engine.connect().close()
    except DBAPIError as error:
        return f"there is no server at {url.partition('@')[2]}: {error.orig}"
    finally:
        engine.dispose()
    return None


@dataclass(frozen=True)
class Database:
    """A database, or a schema of one, for a single test.

    :param url: to it.
    :param options: for ``create_engine``.
    :param schema: its name on the server.
    """

    url: URL
    options: dict[str, Any]
    schema: str | None

    def engine(self, *, user: str | None = None, **options: Any) -> Engine:
        """Return an engine.

        :param user: another user of the database than its owner.
        :param options: settings of the session, on PostgreSQL; arguments of the driver elsewhere.
        """
        url = self.url if user is None else self.url.set(username=user)
        arguments = dict(self.options)
        if self.url.get_backend_name() == "postgresql":
            settings = {"search_path": self.schema, **options}
            arguments["options"] = " ".join(f"-c{name}={value}" for name, value in settings.items())
        else:
            arguments |= options
        return create_engine(url, connect_args=arguments, hide_parameters=True, pool_pre_ping=True)

    def at(self, **changes: Any) -> Engine:
        """Return an engine for a changed URL.

        :param changes: parts of the URL.
        """
        return create_engine(self.url.set(**changes), hide_parameters=True, pool_pre_ping=True)


@contextmanager
def database(driver: str, folder: Path) -> Iterator[Database]:
    """Create a database for one test, and drop it afterwards.

    :param driver: one of ``DRIVERS``.
    :param folder: for SQLite's file.
    """
    if driver == "sqlite":
        yield Database(make_url(f"sqlite:///{folder / 'warehouse.db'}"), {}, None)
        return
    if driver == "psycopg" and sqlalchemy.__version__ < "2":
        pytest.skip("SQLAlchemy 1.4 has no dialect for psycopg 3")
    url = MARIADB if driver == "mysqlconnector" else POSTGRESQL
    if reason := missing(url):
        pytest.skip(reason)
    schema = f"warehouse_{uuid.uuid4().hex}"
    server = create_engine(url)
    with server.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    own = make_url(url)
    try:
        if driver == "mysqlconnector":
            yield Database(own.set(database=schema), {}, schema)
        else:
            yield Database(own.set(drivername=f"postgresql+{driver}"), {}, schema)
    finally:
        with server.begin() as connection:
            # A session of a failed test may still hold locks.
            timeout = "SESSION lock_wait_timeout = 10" if driver == "mysqlconnector" else "lock_timeout = '10s'"
            connection.exec_driver_sql(f"SET {timeout}")
            connection.exec_driver_sql(f"DROP SCHEMA {schema}" + (" CASCADE" if driver != "mysqlconnector" else ""))
        server.dispose()
