r"""Text of SIE files: code page 437 without the characters that some readers misread.

The standard (SIE 4B, 5.4-5.10) allows the characters of code page 437, forbids control characters and escapes a
quotation mark as ``\"``. It names no substitutes for other characters: the table below is this package's choice.

Two practices of existing readers decide more:

* Some lose fields at ``\``, ``"``, ``{`` and ``}`` even where these are legal, so they are replaced too.
* Some take a file that is valid UTF-8 for UTF-8, so text beyond ASCII is never written as bytes that are valid UTF-8.
"""

from __future__ import annotations

import unicodedata

ENCODING = "cp437"

# Bytes from this one on begin a character of UTF-8. Bytes between ASCII and this one continue a character.
_FIRST_UTF8_LEAD_BYTE = 0xC0

_MISREAD_CHARACTERS = str.maketrans({'"': "'", "\\": "/", "{": "(", "}": ")"})

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
    """Return a text with the characters replaced that a SIE field cannot hold.

    :param text: any text.
    :param limit: longest result, in characters. None: no limit.
    """
    substituted = "".join(_substitute(character) for character in unicodedata.normalize("NFC", text))
    return _avoid_valid_utf8(" ".join(substituted.translate(_MISREAD_CHARACTERS).split())[:limit].rstrip())


def unencodable_characters(text: str) -> str:
    """Return the characters of a text that code page 437 lacks, each once, in the order of the text."""
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


def _avoid_valid_utf8(text: str) -> str:
    """Replace lead bytes of UTF-8 (mostly box drawing characters) in a text whose bytes are valid UTF-8."""
    encoded = text.encode(ENCODING)
    try:
        encoded.decode("utf-8")
    except UnicodeDecodeError:
        return text
    return bytes(byte if byte < _FIRST_UTF8_LEAD_BYTE else ord("?") for byte in encoded).decode(ENCODING)


def _encodable(character: str) -> bool:
    try:
        character.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True
