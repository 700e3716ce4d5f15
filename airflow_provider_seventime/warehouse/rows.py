"""From a record to a row: every documented field in its type, or an error that names the record and the field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from airflow_provider_seventime.contract.resource import FieldKind, Resource
from airflow_provider_seventime.dates import parse_instant
from airflow_provider_seventime.exceptions import ProtocolError
from airflow_provider_seventime.warehouse.columns import ID, RECORD, column_name

_LARGEST_INTEGER = 2**63 - 1
_MOST_DIGITS_BEFORE_POINT = 20
_MOST_DIGITS_AFTER_POINT = 100


def record_id(resource: Resource, record: Mapping[str, Any]) -> str:
    """Return the ``_id`` of a record.

    :raises ProtocolError: it has none, or one that is no text.
    """
    found = record.get("_id")
    if not isinstance(found, str) or not found:
        raise ProtocolError(
            f"{resource.name}: a record came with the _id {found!r:.60}, and an id is text; ask the vendor about it"
        )
    return found


def row_of(resource: Resource, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a record, by column; ``synced_at`` is not in it.

    A field that the record lacks is None, and so is a blank text where no text is promised.

    :param resource: the collection.
    :param record: the record as the API answered it.
    :raises ProtocolError: the record has no ``_id``, or a value that its field cannot hold.
    """
    row: dict[str, Any] = {ID: record_id(resource, record)}
    for field, kind in resource.fields.items():
        row[column_name(field)] = typed_value(resource, record, field, kind)
    row[RECORD] = dict(record)
    return row


def typed_value(resource: Resource, record: Mapping[str, Any], field: str, kind: FieldKind) -> Any:
    """Return one field of a record in its type.

    :raises ProtocolError: the value is not what the field holds.
    """
    value = record.get(field)
    if value is None or (kind not in (FieldKind.ID, FieldKind.TEXT) and value == ""):
        return None
    try:
        return _READERS[kind](value)
    except (ValueError, OverflowError) as error:
        raise ProtocolError(
            f"{resource.name} {record.get('_id')!r}: {field} holds {value!r:.60}, which is no {kind.value}; correct "
            "the record in Seven Time or ask the vendor about it"
        ) from error


def _read_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return format(_read_number(value), "f")  # a number where text is promised, as in workOrderNumber and zipCode


def _read_id(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("an id is text")
    return value


def _read_number(value: Any) -> Decimal:
    """Read a number; the API's samples write numbers as text too."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError("not a number")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise ValueError("not a number") from error
    # 1E+999999999 is short as JSON and a gigabyte as digits.
    if not number.is_finite() or not -_MOST_DIGITS_AFTER_POINT <= number.adjusted() < _MOST_DIGITS_BEFORE_POINT:
        raise ValueError("not a number of a size that a column holds")
    return number


def _read_integer(value: Any) -> int:
    number = _read_number(value)
    if abs(number) > _LARGEST_INTEGER or number != int(number):
        raise ValueError("not a whole number of 64 bits")
    return int(number)


def _read_boolean(value: Any) -> bool:
    known = {True: True, False: False, "true": True, "false": False}
    if not isinstance(value, bool | int | str) or value not in known:
        raise ValueError("neither true nor false")
    return known[value]


def _read_instant(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("an instant is text")
    return parse_instant(value)


_READERS: dict[FieldKind, Callable[[Any], Any]] = {
    FieldKind.ID: _read_id,
    FieldKind.TEXT: _read_text,
    FieldKind.NUMBER: _read_number,
    FieldKind.INTEGER: _read_integer,
    FieldKind.BOOLEAN: _read_boolean,
    FieldKind.INSTANT: _read_instant,
}
