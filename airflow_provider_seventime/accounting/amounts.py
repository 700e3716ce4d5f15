"""Amounts as exact decimals: read from JSON values, and rounded to öre."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

ORE = Decimal("0.01")

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
LIMIT = Decimal(10) ** 15


def read_amount(value: object) -> Decimal:
    """Read a number given as a number or as text. Text is never converted to a float.

    :param value: int, float, Decimal, or text such as ``"100000"`` and ``"12.50"``. A float is read from its shortest
        decimal text, so that 0.1 is one tenth. Rounding to öre removes its inexact decimals.
    :raises ValueError: the value is not a number, or is 10^15 or more.
    """
    text = str(value).strip()
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str) or not _NUMBER.fullmatch(text):
        raise ValueError(f"{value!r} is not a number")
    number = Decimal(text)
    if abs(number) >= LIMIT:
        raise ValueError(f"{value!r} is too large for an amount: the limit is 10^15")
    return number


def round_to_ore(amount: Decimal) -> Decimal:
    """Round to two decimals by the third: 0-4 down, 5-9 up (Skatteverket, rättslig vägledning 321578)."""
    # Adding zero turns a negative zero into zero.
    return amount.quantize(ORE, rounding=ROUND_HALF_UP) + 0
