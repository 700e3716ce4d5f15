"""Lock of a table: one run at a time creates it or adds columns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from sqlalchemy import Table, func, inspect, select
from sqlalchemy.engine import Connection

from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE
from airflow_provider_seventime.warehouse.errors.classify import DatabaseFailure, FailureKind

LONGEST_WAIT_SECONDS = 600


@contextmanager
def table_lock(connection: Connection, table: Table) -> Iterator[None]:
    """Hold the lock of a table; wait while another run holds it.

    On SQLite the transaction itself is the lock. A database that this package is not tested on has none.

    :param connection: to the database, in a transaction that writes.
    :param table: the table, which may not exist yet.
    :raises DatabaseFailure: another run held the lock for ``LONGEST_WAIT_SECONDS``; only on MySQL and MariaDB, where
        PostgreSQL waits without a limit.
    """
    if connection.dialect.name == "postgresql":
        key = int.from_bytes(_digest(connection, table)[:8], signed=True)
        connection.execute(select(func.pg_advisory_xact_lock(key)))
        yield
    elif connection.dialect.name in MYSQL_LIKE:
        name = f"seventime {_digest(connection, table).hex()[:32]}"
        if connection.execute(select(func.get_lock(name, LONGEST_WAIT_SECONDS))).scalar() != 1:
            raise DatabaseFailure(
                FailureKind.TRANSIENT,
                f"another run has been creating the table or adding columns for {LONGEST_WAIT_SECONDS} s",
            )
        try:
            yield
        finally:
            if not connection.invalidated:  # the server releases the locks of a session that ended
                connection.execute(select(func.release_lock(name)))
    else:
        yield


def _digest(connection: Connection, table: Table) -> bytes:
    schema = table.schema or inspect(connection).default_schema_name
    return sha256(f"{schema}.{table.name}".encode()).digest()
