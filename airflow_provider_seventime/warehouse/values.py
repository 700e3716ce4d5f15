"""Values of a record's fields in the types that columns and files hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind
from airflow_provider_seventime.dates import parse_instant
from airflow_provider_seventime.exceptions import ProtocolError

_LARGEST_INTEGER = 2**63 - 1
_MOST_DIGITS_BEFORE_POINT = 20
_MOST_DIGITS_AFTER_POINT = 100


def record_id(resource: CollectionSpec, record: Mapping[str, Any]) -> str:
    """Return the id of a record: its ``_id``, or what the collection has instead.

    :raises ProtocolError: it has none, or one that is no text.
    """
    found = record.get(resource.id_field)
    if isinstance(found, int) and not isinstance(found, bool) and resource.id_field != "_id":
        return str(found)  # roles of users are numbered
    if not isinstance(found, str) or not found:
        raise ProtocolError(
            f"{resource.name}: a record came with the {resource.id_field} {found!r:.60}, and an id is text; ask the "
            "vendor about it"
        )
    return found


def typed_value(resource: CollectionSpec, record: Mapping[str, Any], field: str, kind: FieldKind) -> Any:
    """Return one field of a record in its type.

    :raises ProtocolError: the value is not what the field holds.
    """
    value = record.get(field)
    if value is None:
        return None
    try:
        return READERS[kind](value)
    except (ValueError, OverflowError) as error:
        raise misfit_error(resource, record, field, kind) from error


def misfit_error(resource: CollectionSpec, record: Mapping[str, Any], field: str, kind: FieldKind) -> ProtocolError:
    """Return the error for a value that its field cannot hold."""
    return ProtocolError(
        f"{resource.name} {record.get(resource.id_field)!r}: {field} holds {record[field]!r:.60}, which is no "
        f"{kind.value}; correct the record in Seven Time or ask the vendor about it"
    )


# Every row of every batch goes through these: what the API sends as a rule is told by its type, before all else.


def _read_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return format(_number(value), "f")  # a number where text is promised, as in workOrderNumber and zipCode


def _read_id(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("an id is text")
    return value


def _read_number(value: Any) -> Decimal | None:
    return None if value == "" else _number(value)


def _number(value: Any) -> Decimal:
    """Read a number; the API's samples write numbers as text too."""
    if type(value) is int and -_LARGEST_INTEGER <= value <= _LARGEST_INTEGER:
        return Decimal(value)
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


def _read_integer(value: Any) -> int | None:
    if type(value) is int and -_LARGEST_INTEGER <= value <= _LARGEST_INTEGER:
        return value
    number = _read_number(value)
    if number is None:
        return None
    if abs(number) > _LARGEST_INTEGER or number != int(number):
        raise ValueError("not a whole number of 64 bits")
    return int(number)


def _read_boolean(value: Any) -> bool | None:
    if value is True or value is False:
        return bool(value)
    known = {True: True, False: False, "true": True, "false": False, "": None}
    if not isinstance(value, int | str) or value not in known:
        raise ValueError("neither true nor false")
    return known[value]


def _read_instant(value: Any) -> datetime | None:
    if not isinstance(value, str):
        raise ValueError("an instant is text")
    return parse_instant(value) if value else None


# Values of these types are read as they are.
EXACT_TYPES: dict[FieldKind, type] = {FieldKind.ID: str, FieldKind.TEXT: str, FieldKind.BOOLEAN: bool}
READERS: dict[FieldKind, Callable[[Any], Any]] = {
    FieldKind.ID: _read_id,
    FieldKind.TEXT: _read_text,
    FieldKind.NUMBER: _read_number,
    FieldKind.INTEGER: _read_integer,
    FieldKind.BOOLEAN: _read_boolean,
    FieldKind.INSTANT: _read_instant,
}
