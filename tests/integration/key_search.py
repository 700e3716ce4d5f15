"""Looks for a secret in everything below a folder, in each form that a program may give it on the way."""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection, connect
from urllib.parse import quote, quote_plus

# As unmistakable as keys can be, and with characters that most ways of writing would escape.
KEY = 'k3y/Of+Seven=Time"never\\shown&Anywhere%7A'
WINDOW = 12
SHOWN_BYTES = 120


def forms(text: str) -> set[bytes]:
    """Return a text as it stands, escaped and encoded."""
    plain = text.encode()
    escaped = {
        quote(text, safe=""),
        quote(text),
        quote_plus(text),
        html.escape(text),
        json.dumps(text)[1:-1],
        json.dumps(json.dumps(text)[1:-1])[1:-1],
        repr(text)[1:-1],
        repr(plain)[2:-1],
        repr(repr(plain)[2:-1])[1:-1],
        plain.hex(),
        plain.hex().upper(),
    }
    return {plain, text.encode("utf-16-le"), *(form.encode() for form in escaped), *_base64_forms(plain)}


def _base64_forms(plain: bytes) -> Iterator[bytes]:
    """Yield what a text is in Base64 wherever it begins in what was encoded, without the letters it shares."""
    for before in range(3):
        first, end = -(-before * 8 // 6), (before + len(plain)) * 8 // 6
        for encode in (b64encode, urlsafe_b64encode):
            yield encode(b"\0" * before + plain)[first:end]


def needles(secrets: Iterable[str]) -> set[bytes]:
    """Return every form of every part of the secrets: a line may be cut, and half a key is a key given away."""
    return {
        form
        for secret in secrets
        for start in range(max(1, len(secret) - WINDOW + 1))
        for form in forms(secret[start : start + WINDOW])
    }


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield a name and the bytes of each file below a folder, and of each value in each SQLite database.

    A database has both: its bytes still hold what was deleted, and a long value is in one piece only when it is read.
    """
    # Opening a database may sweep up the files next to it, so all are read before.
    files = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    for path, data in files.items():
        name = str(path.relative_to(folder))
        yield name, data
        if data.startswith(b"SQLite format 3\0"):
            with closing(connect(path)) as database:
                yield from ((f"{name}: {table}", value) for table, value in _values(database))


def _values(database: Connection) -> Iterator[tuple[str, bytes]]:
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        for row in database.execute(f'SELECT * FROM "{table}"'):
            for value in row:
                yield table, value if isinstance(value, bytes) else str(value).encode()


def places(folder: Path, secrets: Iterable[str]) -> list[str]:
    """Return where below a folder a secret, or a part of one, shows in any form: the name and what surrounds it."""
    wanted = needles(secrets)
    found = []
    for name, data in contents(folder):
        hits = [position for needle in wanted if (position := data.find(needle)) >= 0]
        if hits:
            start = max(0, min(hits) - SHOWN_BYTES)
            found.append(f"{name}: {data[start : min(hits) + SHOWN_BYTES]!r}")
    return found
