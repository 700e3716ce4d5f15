"""Two copies of the same records, compared field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import URL

SYNCED_AT = "synced_at"


@dataclass(frozen=True, slots=True)
class Table:
    """Content of a table.

    :param columns: name to type.
    :param rows: by id, without ``synced_at``.
    """

    columns: Mapping[str, str]
    rows: Mapping[str, Mapping[str, Any]]


def read_table(url: URL, name: str) -> Table:
    """Read a table whole."""
    engine = create_engine(url)
    try:
        columns = {column["name"]: str(column["type"]) for column in inspect(engine).get_columns(name)}
        with engine.connect() as connection:
            rows = [dict(row) for row in connection.exec_driver_sql(f"select * from {name}").mappings()]
    finally:
        engine.dispose()
    for row in rows:
        del row[SYNCED_AT]
    return Table(columns, {row["id"]: row for row in rows})


def differences(one: Table, other: Table) -> Iterator[str]:
    """Yield each difference as a line: columns, rows that only one has, fields of a row."""
    if one.columns != other.columns:
        yield f"columns: {dict(one.columns)} and {dict(other.columns)}"
    for record_id in sorted(one.rows.keys() ^ other.rows.keys()):
        yield f"{record_id}: only in the {'first' if record_id in one.rows else 'second'} table"
    for record_id in sorted(one.rows.keys() & other.rows.keys()):
        row, twin = one.rows[record_id], other.rows[record_id]
        for name in sorted(row.keys() | twin.keys()):
            if row.get(name) != twin.get(name):
                yield f"{record_id}: {name}: {row.get(name)!r} and {twin.get(name)!r}"
