"""JSON with exact numbers: a number with decimals becomes a ``Decimal`` with the digits of the text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, TypedDict

import msgspec

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def decode(text: bytes | str) -> Any:
    """Decode JSON. Whole numbers become ``int``, numbers with decimals ``Decimal`` with the digits as written.

    :raises ValueError: the text is not JSON or not UTF-8, is nested too deeply, or has an exponent too large for
        ``Decimal``.
    """
    return _decode(_decoder, text)


def partial_decoder(names: Iterable[str]) -> Callable[[bytes], dict[str, Any]]:
    """Return a function that decodes some members of a JSON object, at about a third of the cost of all members.

    ::

        read = partial_decoder(["_id", "time"])
        read(b'{"_id": "a", "time": 7.50, "user": {}}')  # {"_id": "a", "time": Decimal("7.50")}

    The function raises ``ValueError`` as :func:`decode` does, and for a text that is not an object. It checks that the
    other members are JSON, but not that they are UTF-8.

    :param names: names of the members. The result has no entry for a member that the object lacks.
    """
    members = TypedDict("members", dict.fromkeys(names, Any), total=False)  # type: ignore[misc]
    decoder = msgspec.json.Decoder(members, float_hook=Decimal)
    return lambda text: _decode(decoder, text)


def _decode(decoder: msgspec.json.Decoder[Any], text: bytes | str) -> Any:
    try:
        return decoder.decode(text)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error
    except InvalidOperation as error:
        raise ValueError("a number has too large an exponent") from error
    except UnicodeDecodeError as error:
        reason = f"a text is not UTF-8: {error.reason}"
    # Without a cause: a UnicodeDecodeError holds the whole text, and shows it.
    raise ValueError(reason)


def encode(value: Any) -> bytes:
    """Encode a value as JSON, in UTF-8 and without blanks. A ``Decimal`` becomes a number with its own digits.

    :raises TypeError: part of the value has no JSON form.
    """
    return _encoder.encode(value)
