"""JSON whose numbers keep their digits: a number with decimals is a ``Decimal`` from the text of the answer on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, TypedDict

import msgspec

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def decode(text: bytes | str) -> Any:
    """Read JSON; whole numbers become ``int``, numbers with decimals ``Decimal`` with the digits as written.

    :raises ValueError: the text is no JSON, no UTF-8, nested too deeply, or holds a number that no computer does.
    """
    return _decode(_decoder, text)


def partial_decoder(names: Iterable[str]) -> Callable[[bytes], dict[str, Any]]:
    """Return a function that reads only these members of a JSON object, which costs a third of reading all of them.

    ::

        read = partial_decoder(["_id", "time"])
        read(b'{"_id": "a", "time": 7.50, "user": {}}')  # {"_id": "a", "time": Decimal("7.50")}

    The function raises ``ValueError`` as :func:`decode` does, and where the text is no object. The members that it
    skips are valid JSON too, but it does not check that their text is UTF-8.

    :param names: of the members; one that the object lacks is not in the result.
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
        reason = f"a text is no UTF-8: {error.reason}"
    # Not as the cause: that error carries the text, and shows it.
    raise ValueError(reason)


def encode(value: Any) -> bytes:
    """Write JSON as UTF-8 without blanks; a ``Decimal`` is written as a number with its own digits.

    :raises TypeError: something in the value has no JSON form.
    """
    return _encoder.encode(value)
