"""Parquet files of records, with a schema that depends on the contract only.

The column ``id`` has the record's ``_id``. Each documented plain field has a column, as in the tables. The column
``record`` has the whole record as JSON. A file without rows has the same columns in the same types as a full one.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
from pyarrow.parquet import ParquetWriter

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind
from airflow_provider_seventime.exceptions import MisfitError, ProtocolError
from airflow_provider_seventime.warehouse.schema.columns import ID, RECORD, column_name
from airflow_provider_seventime.warehouse.values import record_id, typed_value

# The most digits that every reader supports, and the decimal places of the tables in MySQL and MariaDB.
DECIMAL_DIGITS, DECIMAL_PLACES = 38, 18
_SMALLEST_STEP = Decimal(1).scaleb(-DECIMAL_PLACES)
_MAX_DIGITS = Context(prec=DECIMAL_DIGITS)

# Python objects take ten times the memory of Arrow columns, so small batches are converted, and many of them make a row
# group.
BATCH_ROWS, BATCH_BYTES = 1_000, 2 * 1024**2
GROUP_ROWS, GROUP_BYTES = 100_000, 16 * 1024**2


def schema_of(collection: CollectionSpec) -> pa.Schema:
    """Return the columns of a collection's files.

    :param collection: the collection.
    """
    types = {
        FieldKind.ID: pa.string(),
        FieldKind.TEXT: pa.string(),
        FieldKind.NUMBER: pa.decimal128(DECIMAL_DIGITS, DECIMAL_PLACES),
        FieldKind.INTEGER: pa.int64(),
        FieldKind.BOOLEAN: pa.bool_(),
        FieldKind.INSTANT: pa.timestamp("us", tz="UTC"),
    }
    return pa.schema(
        [
            pa.field(ID, pa.string(), nullable=False),
            *(pa.field(column_name(field), types[kind]) for field, kind in collection.fields.items()),
            pa.field(RECORD, pa.string(), nullable=False),
        ]
    )


class ParquetFile:
    """Parquet file for writing, with at most one row group in memory.

    :param path: local path; an existing file is overwritten.
    :param collection: the collection.
    :raises OSError: the file cannot be opened.
    """

    def __init__(self, path: Path, collection: CollectionSpec) -> None:
        self._collection = collection
        self._schema = schema_of(collection)
        # All current readers support zstd, and its files are smaller than those of snappy at the same speed.
        self._writer = ParquetWriter(path, self._schema, compression="zstd")
        self._columns: list[list[Any]] = [[] for _ in self._schema]
        self._bytes = 0
        self._batches: list[pa.RecordBatch] = []

    def add_all(self, lines: Iterable[bytes]) -> int:
        """Append records and return their number.

        :param lines: JSON of each record.
        :raises ProtocolError: a record cannot be decoded, or has no ``_id``.
        :raises MisfitError: a value does not fit its column.
        :raises OSError: the file cannot be written.
        """
        rows = 0
        for line in lines:
            self._add(line)
            rows += 1
        return rows

    def _add(self, line: bytes) -> None:
        for column, value in zip(self._columns, _row_of(self._collection, line), strict=True):
            column.append(value)
        self._bytes += len(line)
        if len(self._columns[0]) == BATCH_ROWS or self._bytes >= BATCH_BYTES:
            self._end_batch()
            if self._group_is_full():
                self._end_group()

    def _end_batch(self) -> None:
        arrays = [pa.array(column, field.type) for column, field in zip(self._columns, self._schema, strict=True)]
        self._batches.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        self._columns = [[] for _ in self._schema]
        self._bytes = 0

    def _group_is_full(self) -> bool:
        rows: int = sum(batch.num_rows for batch in self._batches)
        size: int = sum(batch.nbytes for batch in self._batches)
        return rows >= GROUP_ROWS or size >= GROUP_BYTES

    def _end_group(self) -> None:
        table = pa.Table.from_batches(self._batches, self._schema)
        self._batches = []
        self._writer.write_table(table, row_group_size=max(table.num_rows, 1))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None and self._columns[0]:
            self._end_batch()
        if kind is None and self._batches:
            self._end_group()
        self._writer.close()


def _row_of(collection: CollectionSpec, line: bytes) -> list[Any]:
    try:
        record = exact_json.decode(line)
    except ValueError as error:
        raise ProtocolError(
            f"{collection.name}: a record cannot be decoded: {error}.\nReport it to Seven Time's support."
        ) from error
    row_id = record_id(collection, record)
    values = [_column_value(collection, record, field, kind) for field, kind in collection.fields.items()]
    return [row_id, *values, line.decode()]


def _column_value(collection: CollectionSpec, record: dict[str, Any], field: str, kind: FieldKind) -> Any:
    value = typed_value(collection, record, field, kind)
    if not isinstance(value, Decimal) or value.as_tuple().exponent >= -DECIMAL_PLACES:  # type: ignore[operator]
        return value
    try:
        return value.quantize(_SMALLEST_STEP, context=_MAX_DIGITS)
    except InvalidOperation as error:
        raise MisfitError(
            f"{collection.name} {record_id(collection, record)!r}: {field} holds a number too large for a decimal of "
            f"{DECIMAL_DIGITS} digits.\nCorrect the record in Seven Time, or report it to Seven Time's support."
        ) from error
