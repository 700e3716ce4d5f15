"""Merge into PostgreSQL: COPY into a temporary table, and one statement from there into the table."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Column, MetaData, Table, and_, func, not_, or_, select, true
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.schema import CreateTable
from sqlalchemy.sql import Executable

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.warehouse.rows import Row, RowConverter
from airflow_provider_seventime.warehouse.schema.columns import ACCOUNT, DELETED_AT, ID, RECORD, SYNCED_AT
from airflow_provider_seventime.warehouse.schema.keys import account_of, key_names
from airflow_provider_seventime.warehouse.schema.types import UtcTimestamp
from airflow_provider_seventime.warehouse.write.newer import MergeResult, older_condition

logger = logging.getLogger(__name__)

_DRIVERS = frozenset({"psycopg", "psycopg2"})
_LINES_AT_A_TIME = 50
_NUL = "\\u0000"


def has_copy(connection: Connection) -> bool:
    """Return whether the connection is to PostgreSQL, by a driver whose COPY this module can use."""
    return connection.dialect.name == "postgresql" and connection.dialect.driver in _DRIVERS


def merge_by_copy(
    connection: Connection, table: Table, converter: RowConverter, rows: Sequence[Row], synced_at: str
) -> MergeResult:
    """Merge rows; see :func:`.merge.merge_rows`.

    ``jsonb`` compares the values of two records, so that unchanged rows are neither fetched nor written.
    """
    account = account_of(table)
    first = () if account is None else (account,)
    names = (*[ACCOUNT for _ in first], *converter.columns, SYNCED_AT)
    batch, merge, count_older = _statements(table, names, connection.dialect)
    instants = [index for index, name in enumerate(names) if isinstance(batch.columns[name].type, UtcTimestamp)]
    # PostgreSQL's cost estimates for a new table are so high that it would compile the query, which takes longer.
    connection.exec_driver_sql("SET LOCAL jit = off")
    connection.execute(CreateTable(batch))
    lines = (_line((*first, *row, synced_at), row[-1], instants) for row in _without_nul_rows(converter, rows))
    _copy(connection, batch, lines)
    # SQLAlchemy 2 keeps the row count of an INSERT only on request.
    written = int(connection.execute(merge.execution_options(preserve_rowcount=True)).rowcount)
    # Most batches of a new table are written whole.
    older = 0 if written == len(rows) else int(connection.execute(count_older).scalar_one())
    return MergeResult(written, older)


@lru_cache(maxsize=8)  # every batch of a table has the same statements
def _statements(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[Table, Executable, Executable]:
    """Return the temporary table of a batch, the statement that merges it, and one that counts its older readings."""
    batch = _temporary(table, names)
    return batch, _merge(table, batch, dialect), _count_older(table, batch, dialect)


def _temporary(table: Table, names: Iterable[str]) -> Table:
    columns = (Column(name, table.columns[name].type) for name in names)
    return Table("seventime_batch", MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")


def _match(table: Table, batch: Table) -> Any:
    """Return the stored row of each row of the batch."""
    stored = table.alias("stored")
    same_key = [stored.columns[name] == batch.columns[name] for name in key_names(table)]
    # LIMIT keeps this one index lookup per row: PostgreSQL may read the whole table for every batch of a plain join.
    return select(*stored.columns).where(*same_key).limit(1).lateral("match")


def _count_older(table: Table, batch: Table, dialect: Dialect) -> Executable:
    match = _match(table, batch)
    older = older_condition(table, match.columns, batch.columns, dialect)
    return (
        select(func.count())
        .select_from(batch.join(match, true()))
        .where(older, match.columns[RECORD].is_distinct_from(batch.columns[RECORD]))
    )


def _merge(table: Table, batch: Table, dialect: Dialect) -> Executable:
    match = _match(table, batch)
    differs = [match.columns[RECORD].is_distinct_from(batch.columns[RECORD])]
    if DELETED_AT in table.columns:
        differs.append(match.columns[DELETED_AT].is_not(None))
    changed = (
        select(*batch.columns)
        .select_from(batch.outerjoin(match, true()))
        .where(or_(*differs), not_(older_condition(table, match.columns, batch.columns, dialect)))
    )
    names = [column.name for column in batch.columns]
    insert = postgresql.insert(table).from_select(names, changed.order_by(batch.columns[ID]))
    values: dict[str, Any] = {name: insert.excluded[name] for name in names if name not in key_names(table)}
    still_differs = [table.columns[RECORD].is_distinct_from(insert.excluded[RECORD])]
    if DELETED_AT in table.columns:
        values[DELETED_AT] = None
        still_differs.append(table.columns[DELETED_AT].is_not(None))
    # Another run may have written the row since this statement compared it.
    not_older = not_(older_condition(table, table.columns, insert.excluded, dialect))
    still_differs_and_newer = and_(or_(*still_differs), not_older)
    return insert.on_conflict_do_update(index_elements=key_names(table), set_=values, where=still_differs_and_newer)


def _copy(connection: Connection, batch: Table, lines: Iterator[str]) -> None:
    preparer = connection.dialect.identifier_preparer
    columns = ", ".join(preparer.quote(column.name) for column in batch.columns)
    statement = f"COPY {preparer.format_table(batch)} ({columns}) FROM STDIN WITH (ENCODING 'UTF8')"
    pieces = _Pieces(lines)
    driver: Any = connection.connection
    with driver.cursor() as cursor:
        if connection.dialect.driver == "psycopg2":
            cursor.copy_expert(statement, pieces)
        else:
            with cursor.copy(statement) as copy:
                while piece := pieces.read():
                    copy.write(piece)


class _Pieces:
    """File of the lines of COPY, made piece by piece while the database reads the previous one.

    :param lines: of the text format of COPY.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def read(self, _: int = -1) -> bytes:
        """Return the next piece; an empty one ends the file."""
        return "".join(islice(self._lines, _LINES_AT_A_TIME)).encode()


def _without_nul_rows(converter: RowConverter, rows: Iterable[Row]) -> Iterator[Row]:
    """Yield rows with U+FFFD for every U+0000, which PostgreSQL does not store."""
    for row in rows:
        if _NUL in row[-1]:  # or an escaped backslash before u0000
            record = exact_json.decode(row[-1])
            replaced = _without_nul(record)
            if replaced != record:
                logger.warning(
                    "%s %r: a text holds the character U+0000, which PostgreSQL does not store; it is written as "
                    "U+FFFD",
                    converter.collection.name,
                    row[0],
                )
                yield (*map(_without_nul, row[:-1]), exact_json.encode(replaced).decode())
                continue
        yield row


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(held) for key, held in value.items()}
    return [_without_nul(held) for held in value] if isinstance(value, list) else value


# The text format of COPY: https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2


def _line(row: tuple[Any, ...], json: str, instants: Iterable[int]) -> str:
    """Return the line of a row.

    :param row: its values.
    :param json: the record's JSON, which has the texts of all values of the record.
    :param instants: indexes of the instants, which are in UTC.
    """
    # JSON writes a line end, a tab or a backslash of a text with a backslash: without one, no value has any of them.
    needs_escapes = "\\" in json or "\t" in json
    values = [
        (_escaped(value) if needs_escapes else value) if type(value) is str else _WRITERS[type(value)](value)
        for value in row
    ]
    for index in instants:
        if row[index] is not None:
            values[index] += "+00"
    return "\t".join(values) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


_WRITERS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "\\N",
    bool: lambda value: "t" if value else "f",
    int: str,
}
