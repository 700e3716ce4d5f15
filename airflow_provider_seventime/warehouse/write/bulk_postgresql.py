"""PostgreSQL's own way to take many rows: COPY into a temporary table, and one statement from there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Column, MetaData, Table, or_, select, true
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateTable
from sqlalchemy.sql import Executable

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.exceptions import ProtocolError
from airflow_provider_seventime.warehouse.rows import RowConverter
from airflow_provider_seventime.warehouse.schema.columns import DELETED_AT, ID, RECORD, SYNCED_AT

logger = logging.getLogger(__name__)

_DRIVERS = frozenset({"psycopg", "psycopg2"})
_LINES_AT_A_TIME = 50


def has_copy(connection: Connection) -> bool:
    """Tell whether the connection is to PostgreSQL, by a driver whose COPY is known here."""
    return connection.dialect.name == "postgresql" and connection.dialect.driver in _DRIVERS


def merge_by_copy(
    connection: Connection,
    table: Table,
    rows: RowConverter,
    records: Iterable[Mapping[str, Any]],
    synced_at: datetime,
) -> int:
    """Merge records and return how many rows were new or had changed; see :func:`.merge.merge_records`.

    ``jsonb`` compares what two records say, so that rows that stay as they are need not be fetched, nor touched.
    """
    batch, merge = _statements(table, (*rows.columns, SYNCED_AT))
    # Estimates for a new table are so high that PostgreSQL would take longer to compile the query than to run it.
    connection.exec_driver_sql("SET LOCAL jit = off")
    connection.execute(CreateTable(batch))
    written_at = _write_instant(synced_at)
    _copy(connection, batch, (f"{line}\t{written_at}\n" for line in _lines(rows, records)))
    # SQLAlchemy 2 forgets the count of an INSERT unless it is told to keep it.
    return int(connection.execute(merge.execution_options(preserve_rowcount=True)).rowcount)


@lru_cache(maxsize=8)  # every batch of a table has the same
def _statements(table: Table, names: tuple[str, ...]) -> tuple[Table, Executable]:
    """Return the temporary table of a batch, and the statement that merges it."""
    batch = _temporary(table, names)
    return batch, _merge(table, batch)


def _temporary(table: Table, names: Iterable[str]) -> Table:
    columns = (Column(name, table.columns[name].type) for name in names)
    return Table("seventime_batch", MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")


def _merge(table: Table, batch: Table) -> Executable:
    there = table.alias("there")
    # LIMIT keeps this one look into the index for each row: a plain join may read the whole table for every batch.
    kept = select(*there.columns).where(there.columns[ID] == batch.columns[ID]).limit(1).lateral("kept")
    differs = [kept.columns[RECORD].is_distinct_from(batch.columns[RECORD])]
    if DELETED_AT in table.columns:
        differs.append(kept.columns[DELETED_AT].is_not(None))
    wanted = select(*batch.columns).select_from(batch.outerjoin(kept, true())).where(or_(*differs))
    names = [column.name for column in batch.columns]
    insert = postgresql.insert(table).from_select(names, wanted.order_by(batch.columns[ID]))
    values: dict[str, Any] = {name: insert.excluded[name] for name in names if name != ID}
    still_differs = [table.columns[RECORD].is_distinct_from(insert.excluded[RECORD])]
    if DELETED_AT in table.columns:
        values[DELETED_AT] = None
        still_differs.append(table.columns[DELETED_AT].is_not(None))
    # Another run may have written the row since it was looked at.
    return insert.on_conflict_do_update(index_elements=[ID], set_=values, where=or_(*still_differs))


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
    pieces.finish()


class _Pieces:
    """What is sent, made while the database reads what went before.

    A record that cannot be a row ends it early. The error is kept until then: the drivers would tell it to the server,
    which writes it to its log.

    :param lines: of the text format of COPY.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._error: ProtocolError | None = None

    def read(self, _: int = -1) -> bytes:
        """Return the next piece; none: that was all."""
        try:
            return "".join(islice(self._lines, _LINES_AT_A_TIME)).encode()
        except ProtocolError as error:
            self._error = error
            return b""

    def finish(self) -> None:
        """Raise what was kept."""
        if self._error is not None:
            raise self._error


def _lines(rows: RowConverter, records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for record in records:
        text = exact_json.encode(record).decode()
        if "\\u0000" in text and (without := _without_nul(record)) != record:
            logger.warning(
                "%s %r: a text holds the character U+0000, which PostgreSQL does not store; it is written as U+FFFD",
                rows.resource.name,
                record[rows.resource.id_field],
            )
            yield _line(rows, without, exact_json.encode(without).decode())
        else:
            yield _line(rows, record, text)


def _line(rows: RowConverter, record: Mapping[str, Any], text: str) -> str:
    row = rows.row_of(record)
    row[RECORD] = text
    return "\t".join([_WRITERS[type(value)](value) for value in row.values()])


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(held) for key, held in value.items()}
    return [_without_nul(held) for held in value] if isinstance(value, list) else value


def _write_text(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _write_instant(value: datetime) -> str:
    return value.isoformat()


# COPY's text format: https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2
_WRITERS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "\\N",
    bool: lambda value: "t" if value else "f",
    int: str,
    Decimal: str,
    str: _write_text,
    datetime: _write_instant,
}
