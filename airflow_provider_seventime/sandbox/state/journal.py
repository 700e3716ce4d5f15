"""Journal of the requests to the API, without the key."""

from __future__ import annotations

import hashlib
from collections import deque
from typing import Any, TypedDict

MAX_ENTRIES = 10_000
FINGERPRINT_LENGTH = 12


class JournalEntry(TypedDict):
    """One request.

    ``status`` is None while the request runs, and after a fault that closed the connection without a response.
    ``monotonic_seconds`` is the time of arrival and is meaningful only in differences.
    ``body`` is the body of a write, as text if it is no JSON.
    ``fault`` is the kind of the fault that the request triggered; None: no fault. The faults ``delay`` and ``trickle``
    leave the response correct.
    ``connection`` is the client's port, which differs between simultaneous connections. None: unknown.
    """

    number: int
    method: str
    path: str
    query: str
    status: int | None
    monotonic_seconds: float
    key_fingerprint: str | None
    body: Any
    fault: str | None
    connection: int | None


def fingerprint(key: str | None) -> str | None:
    """Return the first 12 digits of the SHA-256 of a key; None: the request had no key."""
    return hashlib.sha256(key.encode()).hexdigest()[:FINGERPRINT_LENGTH] if key else None


class Journal:
    """The last 10,000 requests, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[JournalEntry] = deque(maxlen=MAX_ENTRIES)
        self._number = 0

    def add(
        self,
        method: str,
        path: str,
        *,
        query: str,
        key: str | None,
        at_seconds: float,
        body: Any,
        connection: int | None = None,
    ) -> JournalEntry:
        """Add a request and return its entry. The caller sets ``fault`` and ``status`` later."""
        self._number += 1
        entry = JournalEntry(
            number=self._number,
            method=method,
            path=path,
            query=query,
            status=None,
            monotonic_seconds=at_seconds,
            key_fingerprint=fingerprint(key),
            body=body,
            fault=None,
            connection=connection,
        )
        self._entries.append(entry)
        return entry

    def entries(self) -> list[JournalEntry]:
        """Return copies of the entries, oldest first."""
        return [entry.copy() for entry in list(self._entries)]  # other threads may add entries meanwhile

    def clear(self) -> None:
        """Remove every entry."""
        self._entries.clear()
