"""What the sandbox was asked, without the key."""

from __future__ import annotations

import hashlib
from collections import deque
from typing import Any, TypedDict

KEPT = 10_000
FINGERPRINT_LENGTH = 12


class Entry(TypedDict):
    """One request.

    ``status`` is None while the request is under way and when the connection was closed without an answer;
    ``monotonic_seconds`` is when it came, for distances only; ``body`` is what a write carried, as text if it is no
    JSON; ``fault`` is the kind of the fault that struck it, None: it was spared. A fault is no proof of a bad answer:
    what is delayed or trickles is right.
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


def fingerprint(key: str | None) -> str | None:
    """Return what stands for a key: the first digits of its SHA-256. None: there was no key."""
    return hashlib.sha256(key.encode()).hexdigest()[:FINGERPRINT_LENGTH] if key else None


class Journal:
    """The last requests, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._number = 0

    def note(self, method: str, path: str, *, query: str, key: str | None, at_seconds: float, body: Any) -> Entry:
        """Add a request and return its entry, whose fault and status are filled in when they are known."""
        self._number += 1
        entry = Entry(
            number=self._number,
            method=method,
            path=path,
            query=query,
            status=None,
            monotonic_seconds=at_seconds,
            key_fingerprint=fingerprint(key),
            body=body,
            fault=None,
        )
        self._entries.append(entry)
        return entry

    def entries(self) -> list[Entry]:
        """Return the requests, oldest first."""
        return [entry.copy() for entry in list(self._entries)]  # requests may come in meanwhile

    def clear(self) -> None:
        """Forget every request."""
        self._entries.clear()
