"""JSON whose numbers keep their digits: a number with decimals is a ``Decimal`` from the text of the answer on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def decode(text: bytes | str) -> Any:
    """Read JSON; whole numbers become ``int``, numbers with decimals ``Decimal`` with the digits as written.

    :raises ValueError: the text is no JSON, no UTF-8, or nested too deeply.
    """
    try:
        return _decoder.decode(text)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error


def encode(value: Any) -> bytes:
    """Write JSON as UTF-8 without blanks; a ``Decimal`` is written as a number with its own digits.

    :raises TypeError: something in the value has no JSON form.
    """
    return _encoder.encode(value)
