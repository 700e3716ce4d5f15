"""Readers of single fields of an invoice as the API returns it. An unreadable field is an error with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, tzinfo
from decimal import Decimal
from typing import Any

from airflow_provider_seventime.accounting.amounts import read_amount
from airflow_provider_seventime.dates import calendar_date, parse_instant

Record = Mapping[str, Any]


class UnbookableError(Exception):
    """Reason why an invoice cannot be booked. The caller adds the invoice's number."""


def number_or_none(record: Record, field: str, where: str = "") -> Decimal | None:
    """Return a number, or None where the field is missing, null or empty text.

    :param where: prefix of the message for a part of the invoice, for example ``row 2: ``. Empty for the invoice.
    :raises UnbookableError: the field holds something other than a number.
    """
    value = record.get(field)
    if value is None or value == "":
        return None
    try:
        return read_amount(value)
    except ValueError as error:
        raise UnbookableError(f"{where}{field}: {error}") from error


def required_number(record: Record, field: str) -> Decimal:
    """Return a number that every invoice has.

    :raises UnbookableError: the field is missing or not a number.
    """
    number = number_or_none(record, field)
    if number is None:
        raise UnbookableError(f"{field} is missing")
    return number


def code_or_none(record: Record, field: str) -> int | None:
    """Return an integer such as a status or a type, or None if the field is missing.

    :raises UnbookableError: the field holds something other than an integer.
    """
    number = number_or_none(record, field)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise UnbookableError(f"{field}: {record[field]!r} is not a code")
    return int(number)


def flag(record: Record, field: str) -> bool:
    """Return a boolean field: a boolean, 0 or 1 as databases return it, or text ``true`` or ``false``.

    A missing field is False.

    :raises UnbookableError: the field holds something else.
    """
    value = record.get(field)
    if value is None or value in (False, True):
        return bool(value)
    if str(value).lower() in {"true", "false", ""}:
        return str(value).lower() == "true"
    raise UnbookableError(f"{field}: {value!r} is neither true nor false")


def text(record: Record, field: str) -> str:
    """Return a text field without surrounding blanks, or an empty text if it is missing."""
    value = record.get(field)
    return "" if value is None else str(value).strip()


def invoice_date(invoice: Record, zone: tzinfo) -> date:
    """Return the accounting date: the calendar date of ``invoiceDate`` in a time zone.

    :raises UnbookableError: the date is missing or unreadable.
    """
    written = text(invoice, "invoiceDate")
    if not written:
        raise UnbookableError("invoiceDate is missing")
    try:
        return calendar_date(parse_instant(written), zone)
    except (ValueError, OverflowError) as error:
        raise UnbookableError(f"invoiceDate: {written!r} is not a date") from error
