r"""Text as a SIE file can hold it: code page 437, no control characters, nothing that readers trip over.

The standard (SIE 4B, 5.4-5.10) has the characters of code page 437, forbids control characters and escapes a quotation
mark as ``\"``. It gives no substitute for the other characters, so the table below is this package's choice. Readers of
other makers lose fields at ``\``, ``"``, ``{`` and ``}`` even where these are legal, so they are replaced as well. And
readers tell the encoding by whether a file is valid UTF-8, so no text beyond ASCII is written that is both.
"""

from __future__ import annotations

import unicodedata

ENCODING = "cp437"

# Bytes from here on begin a character of UTF-8; those between ASCII and here go on with one.
_UTF8_BEGINNINGS = 0xC0

_HAZARDS = str.maketrans({'"': "'", "\\": "/", "{": "(", "}": ")"})

_SUBSTITUTES = {
    "\u00a0": " ",  # no-break space: code page 437 has it, but it is invisible
    "‐": "-",
    "‑": "-",
    "‒": "-",
    "–": "-",
    "—": "-",
    "−": "-",
    "•": "-",
    "‘": "'",
    "’": "'",
    "‚": "'",
    "“": "'",
    "”": "'",
    "„": "'",
    "…": "...",
    "€": "EUR",
    "§": "par.",
    "×": "x",
    "⁄": "/",
    "©": "(C)",
    "®": "(R)",
    "Ø": "Ö",
    "ø": "ö",
    "Ł": "L",
    "ł": "l",
    "Đ": "D",
    "đ": "d",
    "Ð": "D",
    "ð": "d",
    "Þ": "Th",
    "þ": "th",
    "Œ": "OE",
    "œ": "oe",
}


def sie_text(text: str, limit: int | None = None) -> str:
    """Return a text with every character replaced that a SIE field cannot hold.

    :param text: any text.
    :param limit: longest result, in characters; None for no limit.
    """
    substituted = "".join(_substitute(character) for character in unicodedata.normalize("NFC", text))
    return _unlike_utf8(" ".join(substituted.translate(_HAZARDS).split())[:limit].rstrip())


def unencodable_characters(text: str) -> str:
    """Return the characters of a text that code page 437 lacks, each once, in the order they come."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(dict.fromkeys(character for character in composed if not _encodable(character)))


def _substitute(character: str) -> str:
    if character in _SUBSTITUTES:
        return _SUBSTITUTES[character]
    category = unicodedata.category(character)
    if category in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    if category in {"Cf", "Mn"}:
        return ""
    if _encodable(character):
        return character
    decomposed = unicodedata.normalize("NFKD", character)
    parts = (_SUBSTITUTES.get(part, part) for part in decomposed)
    return "".join(part for part in parts if _encodable(part)) or "?"


def _unlike_utf8(text: str) -> str:
    """Replace the characters (box drawing, mostly) whose bytes begin one of UTF-8, if all bytes of a text are UTF-8."""
    written = text.encode(ENCODING)
    try:
        written.decode("utf-8")
    except UnicodeDecodeError:
        return text
    return bytes(byte if byte < _UTF8_BEGINNINGS else ord("?") for byte in written).decode(ENCODING)


def _encodable(character: str) -> bool:
    try:
        character.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True
