"""Many rows at a time into SQLite: values go to it as they are, without SQLAlchemy's look at each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection

from airflow_provider_seventime.warehouse.schema.columns import ID
from airflow_provider_seventime.warehouse.schema.types import instant_as_text, number_as_text

_WRITERS: dict[type, Callable[[Any], str | None]] = {Decimal: number_as_text, datetime: instant_as_text}


def upsert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows over those of the same ``id``.

    :param connection: to the database, in a transaction.
    :param table: the table.
    :param rows: what to write, one at least, all with the same columns; ``record`` as text.
    """
    statement, order = _statement(table, tuple(rows[0]))
    values = [tuple([_written(row[name]) for name in order]) for row in rows]
    connection.exec_driver_sql(statement, values)


def _written(value: Any) -> Any:
    write = _WRITERS.get(type(value))
    return value if write is None else write(value)


@lru_cache(maxsize=8)  # every batch of a table has the same
def _statement(table: Table, names: tuple[str, ...]) -> tuple[str, Sequence[str]]:
    """Return the statement of an upsert, and the columns in the order of its places."""
    insert = sqlite.insert(table).inline()
    values = {name: insert.excluded[name] for name in names if name != ID}
    upsert = insert.on_conflict_do_update(index_elements=[ID], set_=values)
    compiled = upsert.compile(dialect=sqlite.dialect(), column_keys=names)
    return str(compiled), compiled.positiontup or ()
