"""Types of record fields. They read the values of DAGs and templates, and hold them in the API's form."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from airflow_provider_seventime.contract.codes import COLOURS, TAX_PERCENTS, parse_code
from airflow_provider_seventime.contract.names import suggestion
from airflow_provider_seventime.dates import SWEDEN, format_local_time, load_zone, read_date
from airflow_provider_seventime.templates import EMPTY, is_empty


def read_number(value: object) -> Decimal:
    """Read a number given as a number or as text. Text is never converted to a float.

    :raises ValueError: the value is not a finite number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError(f"must be a number, not {value!r:.60}")
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise ValueError(f"must be a number with a decimal point, not {value!r:.60}") from error
    if not number.is_finite():
        raise ValueError(f"must be a finite number, not {value!r}")
    return number


def read_flag(value: object) -> bool:
    """Read a boolean, given as a boolean or as the text or number that a template renders.

    :raises ValueError: the value is not a boolean.
    """
    spelled = str(value).strip().casefold()
    if spelled in ("true", "1"):
        return True
    if spelled in ("false", "0"):
        return False
    raise ValueError(f"must be true or false, not {value!r:.60}")


def account_zone(info: ValidationInfo) -> tzinfo:
    """Return the account's time zone from the validation context."""
    zone = (info.context or {}).get("zone")
    return zone if isinstance(zone, tzinfo) else load_zone(SWEDEN)


def _calendar_date(value: Any, info: ValidationInfo) -> str:
    return _read(value, lambda one: read_date(one, account_zone(info)).isoformat(), "YYYY-MM-DD")


def _local_time(value: Any, info: ValidationInfo) -> str:
    return _read(value, lambda one: format_local_time(one, account_zone(info)), "YYYY-MM-DD HH:MM")


# The vendor's samples send ``2020-10-7 15:00``.
SHORT_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")


def _read(value: Any, read: Callable[[Any], str], form: str) -> str:
    if not isinstance(value, str | date | datetime):
        raise ValueError(f"must be a date ({form}), not {value!r:.60}")
    try:
        return read(_with_two_digits(value.strip()) if isinstance(value, str) else value)
    except ValueError as error:
        raise ValueError(f"must be a date ({form}), not {value!r:.60}") from error


def _with_two_digits(text: str) -> str:
    """Return a date with two digits for month and day."""
    found = SHORT_DATE.match(text)
    return f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}{text[found.end() :]}" if found else text


# Python and JSON Schema read this pattern alike. Their \s differ in control characters.
ONE_WORD = re.compile(r"[^ \t\n\r\f\v\u00a0/]+")


def read_id(value: str) -> str:
    """Return an id without surrounding blanks. Any word without a slash is accepted, because ids are opaque.

    :raises ValueError: the id is empty, or contains a blank or a slash.
    """
    text = value.strip()
    if is_empty(text):
        raise ValueError(EMPTY)
    if not ONE_WORD.fullmatch(text) or text in (".", ".."):  # a path would lose these
        raise ValueError(
            f"must be one id without blanks and slashes, for example '5f48eb3e65d7ee4942c46eeb', not {text!r:.60}"
        )
    return text


def _not_empty(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty")
    return value


def _tax_percent(value: Decimal) -> Decimal:
    if value not in TAX_PERCENTS:
        raise ValueError(f"must be one of {', '.join(map(str, TAX_PERCENTS))} (percent), not {value}")
    return value


def _share(value: Decimal) -> Decimal:
    if not 1 <= value <= 100:  # noqa: PLR2004 - a percentage
        raise ValueError(f"must be from 1 to 100 (percent), not {value}")
    return value


def _colour(value: str) -> str:
    colour = value.removeprefix("#")
    by_folded = {known.casefold(): known for known in COLOURS}
    if colour.casefold() not in by_folded:
        raise ValueError(f"{value!r} is not a colour for work orders; {suggestion(colour, COLOURS)}")
    return by_folded[colour.casefold()]


Code = TypeVar("Code", bound=Enum)


def code(codes: type[Code]) -> BeforeValidator:
    """Return the validator of an enumeration, which accepts a number, a number as text, or a name."""
    return BeforeValidator(lambda value: parse_code(codes, value))


Text = str
RequiredText = Annotated[str, AfterValidator(_not_empty)]
Id = Annotated[str, AfterValidator(read_id)]
Number = Annotated[Decimal, BeforeValidator(read_number)]
Flag = Annotated[bool, BeforeValidator(read_flag)]
CalendarDate = Annotated[str, BeforeValidator(_calendar_date)]
LocalTime = Annotated[str, BeforeValidator(_local_time)]
TaxPercent = Annotated[Number, AfterValidator(_tax_percent)]
SharePercent = Annotated[Number, AfterValidator(_share)]
Colour = Annotated[str, AfterValidator(_colour)]
