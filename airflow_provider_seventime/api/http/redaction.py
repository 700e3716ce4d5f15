"""Redaction: texts and errors without the API key, the user names and the passwords that they may hold."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html.entities import codepoint2name
from typing import Any

MAX_SHOWN_CHARACTERS = 200
# Shorter secrets are not replaced: the secret "a" would turn "a banana" into "*** b***n***n***".
MIN_SECRET_CHARACTERS = 4
# Only the beginning of a long text is searched. Of a megabyte of blanks the first 200 characters are still blanks.
MAX_SEARCHED_CHARACTERS = 20_000
# Length of the longest encoding of one character: percent-encoded, or escaped in JSON that stands in JSON.
MAX_ENCODED_CHARACTERS = 12
# User name and password in a URL, for example in that of a proxy.
USER_INFO = re.compile(r"(?<=://)\S{0,300}@")


class Secrets:
    """Secrets as an iterable of texts whose ``repr`` does not show them: tracebacks may print local variables."""

    def __init__(self, *texts: str) -> None:
        self._texts = texts

    def __iter__(self) -> Iterator[str]:
        """Yield the secrets."""
        return iter(self._texts)


def redact(text: str, secrets: Iterable[str]) -> str:
    """Return a text that may be shown: without secrets, on one line, at most 200 characters long.

    Each secret becomes ``***``, as written and as URLs (``%2F``), JSON and HTML (``&#47;``) encode it. So do the user
    names and passwords of URLs.

    :param text: any text.
    :param secrets: texts to replace. Those of fewer than four characters are not replaced.
    """
    # UTF-16 decoded as UTF-8 has a NUL between any two letters.
    shown = text[:MAX_SEARCHED_CHARACTERS].replace("\0", "")
    searched = [secret for secret in secrets if len(secret) >= MIN_SECRET_CHARACTERS]
    for secret in searched:
        shown = _pattern(secret).sub("***", shown)
    shown = USER_INFO.sub("***@", shown)
    if len(text) > MAX_SEARCHED_CHARACTERS:
        # The cut may have split a secret: drop as many characters as the longest encoding of one takes.
        shown = shown[: -MAX_ENCODED_CHARACTERS * max(map(len, searched), default=1)]
    line = " ".join("".join(character if character.isprintable() else " " for character in shown).split())
    return line if len(line) <= MAX_SHOWN_CHARACTERS else f"{line[: MAX_SHOWN_CHARACTERS - 3]}..."


@lru_cache(maxsize=32)
def _pattern(secret: str) -> re.Pattern[str]:
    return re.compile("".join(_encodings(character) for character in secret))


def _encodings(character: str) -> str:
    """Return a pattern that matches a character in every encoding in which a response may repeat it."""
    code = ord(character)
    percent = "".join(f"%(?:25){{0,3}}{byte:02x}" for byte in character.encode())
    name = codepoint2name.get(code)
    entity = f"|&{name};" if name else ""
    return (
        rf"(?:\\{{0,4}}{re.escape(character)}"
        rf"|(?i:{percent}|\\{{1,4}}u{code:04x}|&#0{{0,4}}{code};|&#x0{{0,4}}{code:x};{entity}))"
    )


def error_chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and every error that it wraps, each once.

    The HTTP libraries wrap an error as ``__cause__``, as ``__context__``, as ``reason`` or among ``args``.
    """
    pending: list[BaseException] = [error]
    seen: set[int] = set()
    while pending:
        current = pending.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        wrapped = (*current.args, getattr(current, "reason", None), current.__cause__, current.__context__)
        pending += [inner for inner in wrapped if isinstance(inner, BaseException)]


def clear_frames(error: BaseException) -> None:
    """Remove the variables of the frames that an error passed, and every error that it wraps.

    :param error: changed in place.
    """
    for current in error_chain(error):
        traceback.clear_frames(current.__traceback__)


def scrub(error: BaseException, secrets: Iterable[str]) -> None:
    """Remove secrets from an error of an HTTP library, and from every error that it wraps.

    The key is in the variables of the frames that the error passed and in the request that it carries. Its texts may
    repeat what a server or a proxy sent.

    :param error: changed in place.
    :param secrets: texts to remove.
    """
    clear_frames(error)
    for current in error_chain(error):
        current.args = tuple(_redacted(value, secrets) for value in current.args)
        for name, value in list(vars(current).items()):
            if name in ("request", "response"):
                setattr(current, name, None)
            else:
                setattr(current, name, _redacted(value, secrets))


def _redacted(value: Any, secrets: Iterable[str]) -> Any:
    if isinstance(value, bytes):
        return redact(value.decode("utf-8", "replace"), secrets).encode()
    return redact(value, secrets) if isinstance(value, str) else value
