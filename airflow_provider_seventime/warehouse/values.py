"""Values of a record's fields, in the types that columns and files hold. No SQLAlchemy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind
from airflow_provider_seventime.dates import parse_instant
from airflow_provider_seventime.exceptions import MisfitError, ProtocolError

_LARGEST_INTEGER = 2**63 - 1
_MOST_DIGITS_BEFORE_POINT = 20
_MOST_DIGITS_AFTER_POINT = 100


def record_id(collection: CollectionSpec, record: Mapping[str, Any]) -> str:
    """Return the id of a record: its ``_id``, or the value of the collection's own ``id_field``.

    :raises ProtocolError: the record has no id, or one that is not text or has blanks at its ends.
    """
    found = record.get(collection.id_field)
    if isinstance(found, int) and not isinstance(found, bool) and collection.id_field != "_id":
        return str(found)  # roles of users are numbered
    if not isinstance(found, str) or not found:
        raise ProtocolError(
            f"{collection.name}: a record has the {collection.id_field} {found!r:.60}, and an id is text; ask the "
            "vendor about it"
        )
    if found != found.strip():  # MySQL takes ids that differ in blanks at the end for one
        raise MisfitError(
            f"{collection.name}: a record has the {collection.id_field} {found!r:.60}, with blanks at its ends\n"
            "Ask the vendor about it"
        )
    return found


def typed_value(collection: CollectionSpec, record: Mapping[str, Any], field: str, kind: FieldKind) -> Any:
    """Return one field of a record in its Python type; None where the record lacks it.

    :raises MisfitError: the field cannot hold the value.
    """
    value = record.get(field)
    if value is None:
        return None
    try:
        return READERS[kind](value)
    except (ValueError, OverflowError) as error:
        raise misfit_error(collection, record, field, kind) from error


def misfit_error(collection: CollectionSpec, record: Mapping[str, Any], field: str, kind: FieldKind) -> MisfitError:
    """Return the error for a value that its field cannot hold."""
    return MisfitError(
        f"{collection.name} {misfit_text(collection, record, field, kind)}\n"
        "Correct the record in Seven Time, or ask the vendor about it"
    )


def misfit_text(collection: CollectionSpec, record: Mapping[str, Any], field: str, kind: FieldKind) -> str:
    """Return record, field and form of a value that its field cannot hold. The value itself may name a person."""
    return f"{record.get(collection.id_field)!r:.80}: {field} holds {_form_of(record[field])}, which is no {kind.value}"


def _form_of(value: Any) -> str:
    if isinstance(value, str):
        return f"a text of {len(value)} characters"
    forms = {dict: "an object", list: "a list", bool: "a flag"}
    return forms.get(type(value), "a number of another size or form")


def instant_as_text(value: datetime) -> str:
    """Return an instant as text in UTC that sorts by time: ``YYYY-MM-DD HH:MM:SS.ffffff``."""
    in_utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    return in_utc.isoformat(" ", "microseconds").removesuffix("+00:00")


def instant_from_text(text: str) -> datetime:
    """Return the instant, aware and in UTC, that :func:`instant_as_text` wrote."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def number_as_text(value: Decimal) -> str:
    """Return the digits of a number, without an exponent."""
    return format(value, "f")


# Every field of every record passes these functions, so each tests first for the type that the API sends as a rule.


def _read_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return number_as_text(_number(value))  # the API sends numbers as workOrderNumber and zipCode


def _read_id(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("an id is text")
    return value


def _read_number(value: Any) -> Decimal | None:
    return None if value == "" else _number(value)


def _number(value: Any) -> Decimal:
    """Return a number; the API's samples write numbers as text too."""
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


# A value of this exact type needs no reader.
EXACT_TYPES: dict[FieldKind, type] = {FieldKind.ID: str, FieldKind.TEXT: str, FieldKind.BOOLEAN: bool}
READERS: dict[FieldKind, Callable[[Any], Any]] = {
    FieldKind.ID: _read_id,
    FieldKind.TEXT: _read_text,
    FieldKind.NUMBER: _read_number,
    FieldKind.INTEGER: _read_integer,
    FieldKind.BOOLEAN: _read_boolean,
    FieldKind.INSTANT: _read_instant,
}
