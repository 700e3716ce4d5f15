"""What may be shown of what was sent and received."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html.entities import codepoint2name

SHOWN_CHARACTERS = 200
SHORTEST_SECRET = 4
# A text is not searched further than this: of a megabyte of blanks the first 200 characters are still blanks.
LOOKED_AT_CHARACTERS = 20_000
# The longest form of one character that is looked for, as JSON inside of JSON writes it.
LONGEST_FORM = 12
# User name and password in a URL, such as that of a proxy.
USER_INFO = re.compile(r"(?<=://)\S{0,300}@")


class Secrets:
    """Texts that must not be shown, in a form that does not show them: tracebacks may print local variables."""

    def __init__(self, *texts: str) -> None:
        self._texts = texts

    def __iter__(self) -> Iterator[str]:
        """Yield the texts."""
        return iter(self._texts)


def redact(text: str, secrets: Iterable[str]) -> str:
    """Return a text fit to be shown: without secrets, on one line, at most 200 characters.

    A secret is found as it is, and as URLs (``%2F``), JSON and HTML (``&#47;``) write it. So are the user
    names and passwords of URLs.

    :param text: any text.
    :param secrets: what must not be shown; those of fewer than four characters are left, they would tear every text.
    """
    # UTF-16 read as if it were UTF-8 has a NUL between any two letters.
    shown = text[:LOOKED_AT_CHARACTERS].replace("\0", "")
    found = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]
    for secret in found:
        shown = _pattern(secret).sub("***", shown)
    shown = USER_INFO.sub("***@", shown)
    if len(text) > LOOKED_AT_CHARACTERS:
        # Where the text was cut a part of a secret may be left.
        shown = shown[: -LONGEST_FORM * max(map(len, found), default=1)]
    line = " ".join("".join(character if character.isprintable() else " " for character in shown).split())
    return line if len(line) <= SHOWN_CHARACTERS else f"{line[: SHOWN_CHARACTERS - 3]}..."


@lru_cache(maxsize=32)
def _pattern(secret: str) -> re.Pattern[str]:
    return re.compile("".join(_forms(character) for character in secret))


def _forms(character: str) -> str:
    """Return a pattern for a character in every form in which an answer may give it back."""
    code = ord(character)
    percent = "".join(f"%(?:25){{0,3}}{byte:02x}" for byte in character.encode())
    name = codepoint2name.get(code)
    named = f"|&{name};" if name else ""
    return (
        rf"(?:\\{{0,4}}{re.escape(character)}"
        rf"|(?i:{percent}|\\{{1,4}}u{code:04x}|&#0{{0,4}}{code};|&#x0{{0,4}}{code:x};{named}))"
    )
