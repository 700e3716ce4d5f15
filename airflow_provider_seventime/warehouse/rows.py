"""Rows of a collection's table, converted from records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind
from airflow_provider_seventime.warehouse.misfits import Misfits
from airflow_provider_seventime.warehouse.schema.columns import ID, RECORD, column_name
from airflow_provider_seventime.warehouse.values import (
    EXACT_TYPES,
    READERS,
    instant_as_text,
    instant_from_text,
    misfit_error,
    misfit_text,
    number_as_text,
    record_id,
)

Row = tuple[Any, ...]
"""One row: its id, the values of the collection's fields in the contract's order, and the record's JSON as text.

A value is None, a ``bool``, an ``int`` or a ``str``, so that every database and file takes it as it is. A number with
decimals is its digits, an instant is text in UTC: ``YYYY-MM-DD HH:MM:SS.ffffff``.
"""


def _number_of_row(value: Any) -> str | None:
    number = READERS[FieldKind.NUMBER](value)
    return None if number is None else number_as_text(number)


def _instant_of_row(value: Any) -> str | None:
    instant: datetime | None = READERS[FieldKind.INSTANT](value)
    return None if instant is None else instant_as_text(instant)


_ROW_READERS = READERS | {FieldKind.NUMBER: _number_of_row, FieldKind.INSTANT: _instant_of_row}
_PYTHON_TYPES: dict[FieldKind, Callable[[str], Any]] = {
    FieldKind.NUMBER: READERS[FieldKind.NUMBER],
    FieldKind.INSTANT: instant_from_text,
}


class RowConverter:
    """Converts records of one collection to rows.

    :param collection: the collection.
    :param misfits: collects values that their fields cannot hold, which are None in the row. None: they are errors.
    :ivar collection: the collection.
    :ivar columns: names of the columns, in the order of a row's values.
    """

    def __init__(self, collection: CollectionSpec, misfits: Misfits | None = None) -> None:
        self._misfits = misfits
        self.collection = collection
        self.columns = (ID, *map(column_name, collection.fields), RECORD)
        self._fields = [
            (field, kind, EXACT_TYPES.get(kind), _ROW_READERS[kind]) for field, kind in collection.fields.items()
        ]

    def row_of(self, record: Mapping[str, Any], json: bytes) -> Row:
        """Return the row of a record.

        A field that the record lacks is None, and so is an empty text in a field of another kind than text.

        :param record: the id and the plain fields of the record; other fields are ignored.
        :param json: the whole record.
        :raises ProtocolError: the record has no id, or a value that its field cannot hold.
        """
        values: list[Any] = [record_id(self.collection, record)]
        for field, kind, exact_type, read in self._fields:
            value = record.get(field)
            if value is not None and type(value) is not exact_type:
                try:
                    value = read(value)
                except (ValueError, OverflowError) as error:
                    if self._misfits is None:
                        raise misfit_error(self.collection, record, field, kind) from error
                    self._misfits.add(field, misfit_text(self.collection, record, field, kind))
                    value = None
            values.append(value)
        values.append(json.decode())
        return tuple(values)


def python_values(collection: CollectionSpec, row: Row) -> list[Any]:
    """Return the values of a row as SQLAlchemy's types take them: ``Decimal`` and aware ``datetime``.

    :param collection: the collection.
    :param row: from :meth:`RowConverter.row_of`.
    """
    record_id, *fields, json = row
    converters = (_PYTHON_TYPES.get(kind) for kind in collection.fields.values())
    typed = [
        value if convert is None or value is None else convert(value)
        for convert, value in zip(converters, fields, strict=True)
    ]
    return [record_id, *typed, json]
