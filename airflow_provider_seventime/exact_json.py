"""JSON whose numbers keep their digits: a number with decimals is a ``Decimal`` from the text of the answer on."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def decode(text: bytes | str) -> Any:
    """Read JSON; whole numbers become ``int``, numbers with decimals ``Decimal`` with the digits as written.

    :raises ValueError: the text is no JSON, no UTF-8, nested too deeply, or holds a number that no computer does.
    """
    try:
        return _decoder.decode(text)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error
    except InvalidOperation as error:
        raise ValueError("a number has too large an exponent") from error
    except UnicodeDecodeError as error:
        reason = f"a text is no UTF-8: {error.reason}"
    # Not as the cause: that error carries the text, and shows it.
    raise ValueError(reason)


def encode(value: Any) -> bytes:
    """Write JSON as UTF-8 without blanks; a ``Decimal`` is written as a number with its own digits.

    :raises TypeError: something in the value has no JSON form.
    """
    return _encoder.encode(value)
