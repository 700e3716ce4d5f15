"""Rows of ``seventime_copies``: read, and written by upsert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, or_, select
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.engine import Connection

from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE
from airflow_provider_seventime.warehouse.schema.copies_table import KEY, OWNER, SYNC, TABLE_NAME
from airflow_provider_seventime.warehouse.schema.locks import table_lock
from airflow_provider_seventime.warehouse.schema.tables import has_table
from airflow_provider_seventime.warehouse.write.copy_owner import CopyOwner

Entry = Mapping[str, Any]
"""One row, by column."""


def find_entries(connection: Connection, copies: Table, table_name: str, key_digest: str) -> list[Entry]:
    """Return the rows of a table, and those that were written with an API key.

    :param connection: to the database.
    :param copies: from :func:`.copies_table.copies_table`; it may not exist.
    :param table_name: name of the table, without its schema.
    :param key_digest: of the API key.
    """
    if not has_table(connection, copies):
        return []
    columns = copies.columns
    wanted = select(*columns).where(or_(columns[TABLE_NAME] == table_name, columns["key_digest"] == key_digest))
    names = [column.name for column in columns]
    return [dict(zip(names, row, strict=True)) for row in connection.execute(wanted)]


def claim_table(connection: Connection, copies: Table, entry: Entry, stale: Sequence[Entry], owner: CopyOwner) -> None:
    """Add the first row of a table and account, one run at a time.

    :param connection: to the database, in a transaction.
    :param copies: the table, which is created if it does not exist.
    :param entry: the row.
    :param stale: rows of a table that did not exist when this run began; they are removed.
    :param owner: of the table, if the other rows allow it.
    :raises ConfigError: they do not.
    """
    with table_lock(connection, copies):
        if not has_table(connection, copies):
            copies.create(connection, checkfirst=False)
        found = find_entries(connection, copies, entry[TABLE_NAME], "")
        owner.check([one for one in found if one not in stale])
        for one in found:
            if one in stale:
                same_key = [copies.columns[name] == one[name] for name in KEY]
                connection.execute(copies.delete().where(*same_key))
        write_entry(connection, copies, entry)
        if connection.dialect.name in MYSQL_LIKE:
            connection.exec_driver_sql("COMMIT")  # before the lock is released


def write_entry(connection: Connection, copies: Table, entry: Entry, *, reset_watermark: bool = False) -> None:
    """Write a row over the one of the same key; a watermark of None leaves the stored one.

    :param connection: to the database, in a transaction.
    :param copies: the table.
    :param entry: some columns of the row, its key among them.
    :param reset_watermark: lower the later watermarks of the same sync to this one.
    """
    given = {name: value for name, value in entry.items() if name != "watermark" or value is not None}
    _upsert(connection, copies, given)
    watermark: datetime | None = entry.get("watermark")
    if reset_watermark and watermark is not None:
        columns = copies.columns
        same_sync = [columns[name] == entry[name] for name in (TABLE_NAME, OWNER, SYNC)]
        later = copies.update().where(*same_sync, columns["watermark"] > watermark)
        connection.execute(later.values(watermark=watermark))


def _upsert(connection: Connection, copies: Table, given: Entry) -> None:
    others = {name: value for name, value in given.items() if name not in KEY}
    dialect = connection.dialect.name
    if dialect in MYSQL_LIKE:
        connection.execute(mysql.insert(copies).values(given).on_duplicate_key_update(others))
    elif dialect == "postgresql":
        insert = postgresql.insert(copies).values(given)
        connection.execute(insert.on_conflict_do_update(index_elements=list(KEY), set_=others))
    elif dialect == "sqlite":
        upsert = sqlite.insert(copies).values(given)
        connection.execute(upsert.on_conflict_do_update(index_elements=list(KEY), set_=others))
    else:
        same_key = [copies.columns[name] == given[name] for name in KEY]
        if connection.execute(copies.update().where(*same_key).values(others)).rowcount == 0:
            connection.execute(copies.insert().values(given))
