"""Amounts as exact decimals: reading what JSON may hold, and rounding to öre."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

ORE = Decimal("0.01")

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
LIMIT = Decimal(10) ** 15


def read_amount(value: object) -> Decimal:
    """Read a number that may have come as a number or as text, without passing through a float.

    :param value: int, float, Decimal, or text such as ``"100000"`` and ``"12.50"``. A float is taken at its shortest
        spelling, so that 0.1 is a tenth; its noise in later decimals goes with the rounding to öre.
    :raises ValueError: it is no number, or one of 10^15 or more.
    """
    text = str(value).strip()
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str) or not _NUMBER.fullmatch(text):
        raise ValueError(f"{value!r} is not a number")
    number = Decimal(text)
    if abs(number) >= LIMIT:
        raise ValueError(f"{value!r} is larger than any amount")
    return number


def round_to_ore(amount: Decimal) -> Decimal:
    """Round to two decimals, the third deciding: 0-4 down, 5-9 up (Skatteverket, rättslig vägledning 321578)."""
    # Adding zero turns a negative zero into a plain one.
    return amount.quantize(ORE, rounding=ROUND_HALF_UP) + 0
