"""Storage of the cluster: databases of PostgreSQL and a database of Redis, gone at the end."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from sqlalchemy import create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

DRIVER = "postgresql+psycopg2"


@contextmanager
def new_databases(server: str, *purposes: str) -> Iterator[list[URL]]:
    """Make a database for each purpose, and drop them at the end.

    :param server: URL of any database of the server, as a user who may make databases.
    :param purposes: for their names.
    :raises SystemExit: there is no such server.
    """
    url = make_url(server).set(drivername=DRIVER)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    names = [f"seventime_backfill_{os.getpid()}_{purpose}" for purpose in purposes]
    try:
        engine.connect().close()
    except OperationalError as error:
        raise SystemExit(f"It needs PostgreSQL (--postgres): {error.orig}") from error
    try:
        with engine.connect() as connection:
            for name in names:
                connection.exec_driver_sql(f"create database {name}")
        yield [url.set(database=name) for name in names]
    finally:
        with engine.connect() as connection:
            for name in names:
                connection.exec_driver_sql(f"drop database if exists {name} with (force)")
        engine.dispose()


@contextmanager
def empty_redis(url: str) -> Iterator[None]:
    """Check that a database of Redis is empty, and empty it at the end.

    :param url: with the database's number.
    :raises SystemExit: there is no such server, or something is in it, which could be anybody's.
    """
    with redis.Redis.from_url(url) as store:
        try:
            keys = store.dbsize()
        except redis.ConnectionError as error:
            raise SystemExit(f"It needs Redis (--redis): {error}") from error
        if keys:
            raise SystemExit(f"The database of Redis holds {keys} keys: empty it, or name another one (--redis).")
        try:
            yield
        finally:
            store.flushdb()


def airflow_connection(url: URL) -> str:
    """Return the Airflow connection to a database, in Airflow's JSON form."""
    return json.dumps(
        {
            "conn_type": "postgres",
            "host": url.host,
            "port": url.port,
            "login": url.username,
            "password": url.password,
            "schema": url.database,
        }
    )
