"""Reading single fields of an invoice as the API answers it, with a reason where one cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, tzinfo
from decimal import Decimal
from typing import Any

from airflow_provider_seventime.accounting.amounts import read_amount
from airflow_provider_seventime.dates import calendar_date, parse_instant

Record = Mapping[str, Any]


class UnbookableError(Exception):
    """Why an invoice cannot be booked; which invoice, the caller knows."""


def number_or_none(record: Record, field: str, where: str = "") -> Decimal | None:
    """Return a number, or None where the field is missing, null or empty text.

    :param where: what the record is inside its invoice, for example ``row 2: ``; empty for the invoice itself.
    :raises UnbookableError: there is something, but no number.
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

    :raises UnbookableError: it is missing or no number.
    """
    number = number_or_none(record, field)
    if number is None:
        raise UnbookableError(f"{field} is missing")
    return number


def code_or_none(record: Record, field: str) -> int | None:
    """Return a whole number such as a status or a type, or None where it is missing.

    :raises UnbookableError: there is something, but no whole number.
    """
    number = number_or_none(record, field)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise UnbookableError(f"{field}: {record[field]!r} is not a code")
    return int(number)


def flag(record: Record, field: str) -> bool:
    """Return a yes or no; missing is no, and the texts ``true`` and ``false`` count.

    :raises UnbookableError: it is something else.
    """
    value = record.get(field)
    if value is None or isinstance(value, bool):
        return bool(value)
    if str(value).lower() in {"true", "false", ""}:
        return str(value).lower() == "true"
    raise UnbookableError(f"{field}: {value!r} is neither true nor false")


def text(record: Record, field: str) -> str:
    """Return a text without the blanks around it; empty where it is missing."""
    value = record.get(field)
    return "" if value is None else str(value).strip()


def invoice_date(invoice: Record, zone: tzinfo) -> date:
    """Return the accounting date: the calendar date that ``invoiceDate`` has in the account's time zone.

    :raises UnbookableError: it is missing or unreadable.
    """
    written = text(invoice, "invoiceDate")
    if not written:
        raise UnbookableError("invoiceDate is missing")
    try:
        return calendar_date(parse_instant(written), zone)
    except (ValueError, OverflowError) as error:
        raise UnbookableError(f"invoiceDate: {written!r} is not a date") from error
