"""Numbers and values in the forms that Seven Time's responses have."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import Enum
from typing import Any

from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind

ORE = Decimal("0.01")
KRONA = Decimal(1)
MAX_INTEGER_DIGITS = 18  # digits that always fit into 64 bits, the integers of JSON encoders
WHOLE_NUMBER = re.compile(rf"0|[1-9][0-9]{{,{MAX_INTEGER_DIGITS - 1}}}")
DOUBLE = Context(prec=16)  # the real service computes hours in doubles: 41.18577972222222


def plain_number(value: Decimal) -> int | Decimal:
    """Return a number for JSON: an integer where possible, otherwise a decimal without trailing zeros."""
    whole = value.to_integral_value()
    return int(whole) if value == whole and value.adjusted() < MAX_INTEGER_DIGITS else value.normalize()


def plain_value(value: Any) -> Any:
    """Return a checked value for JSON: enums as their values, numbers by :func:`plain_number`."""
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: plain_value(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain_value(part) for part in value]
    return value


def number_as_sent(collection: CollectionSpec, field: str, number: Any) -> Any:
    """Return the number of a document in the form that the API's responses have in a field.

    The vendor's samples have ``workOrderNumber`` as an integer on a time log, and as text on an invoice. A number that
    a user chose, such as ``A-100`` or ``007``, remains a text.

    :param number: an integer or text.
    """
    text = str(number)
    if field not in collection.chosen_numbers:
        return text if collection.fields.get(field) is FieldKind.TEXT else number
    return int(text) if WHOLE_NUMBER.fullmatch(text) else text


def decimal_of(value: Any) -> Decimal:
    """Return a number of a record as ``Decimal``; None and empty text are zero."""
    return Decimal(str(value)) if value not in (None, "") else Decimal(0)


def round_to_ore(amount: Decimal) -> Decimal:
    """Round to two decimals, halves away from zero."""
    return amount.quantize(ORE, ROUND_HALF_UP)


def round_to_kronor(amount: Decimal) -> Decimal:
    """Round to whole kronor, halves away from zero."""
    return amount.quantize(KRONA, ROUND_HALF_UP)


def hours_of(seconds: int) -> Decimal:
    """Return seconds as hours, with the 16 digits of a double."""
    return DOUBLE.divide(Decimal(seconds), Decimal(3600))


def luhn_digit(digits: str) -> int:
    """Return the check digit (modulus 10, ISO/IEC 7812-1) of the digits."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        product = int(digit) * (1 if position % 2 else 2)
        total += product - 9 if product > 9 else product  # noqa: PLR2004 - sum of the product's digits
    return -total % 10


def ocr_number(invoice_number: str) -> str:
    """Return the payment reference of an invoice: its number, a length digit, a check digit.

    Derived from the vendor's samples: invoice 24481 has 2448173 and 24511 has 2451177. This is Bankgirot's format with
    variable length.
    """
    numbered = f"{invoice_number}{(len(invoice_number) + 2) % 10}"
    return f"{numbered}{luhn_digit(numbered)}"


def public_link(record_id: str) -> str:
    """Return the name of a document's public page: 20 letters and digits, as in the vendor's samples."""
    letters = base64.b64encode(hashlib.sha256(record_id.encode()).digest()).decode()
    return letters.translate(str.maketrans("", "", "+/="))[:20]
