"""Write log: a durable note that a write is under way, in case the process is killed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

STATE_KEY = "seventime_create"


class NoteStore(Protocol):
    """Durable store of JSON values by key, such as the ``task_state_store`` of Airflow 3.3."""

    def get(self, key: str) -> Any:
        """Return a value. None: there is none."""

    def set(self, key: str, value: Any) -> None:
        """Store a value."""

    def delete(self, key: str) -> None:
        """Delete a value."""


class WriteLog:
    """Write log of one create, of one record or of a batch.

    :param store: keeps the note. None: the log records nothing.
    :param subject: name of what is created. A note about another subject is ignored: the caller creates something else
        now than at the earlier attempt.
    """

    def __init__(self, store: NoteStore | None = None, subject: str = "") -> None:
        self._store = store
        self._subject = subject
        self._writes_under_way = 0
        note = None if store is None else store.get(STATE_KEY)
        self._earlier_note: Mapping[str, Any] | None = note if isinstance(note, dict) else None

    @property
    def is_durable(self) -> bool:
        """True if the log has a store."""
        return self._store is not None

    @property
    def has_earlier_note(self) -> bool:
        """True if an earlier attempt left a note, about this subject or another."""
        return self._earlier_note is not None

    @property
    def created_id(self) -> str | None:
        """The ``_id`` of the record that an earlier attempt created and noted. None: no such note."""
        note = self._earlier_note or {}
        return note.get("_id") if note.get("subject") == self._subject else None

    @property
    def is_in_doubt(self) -> bool:
        """True if an earlier attempt sent something of this subject and did not note a record."""
        note = self._earlier_note or {}
        return note.get("subject") == self._subject and not note.get("_id")

    def write_started(self) -> None:
        """Note that a record is about to be sent."""
        self._writes_under_way += 1
        if self._writes_under_way == 1 and self._earlier_note is None:
            self._write_note({})

    def write_cancelled(self) -> None:
        """Delete the note, unless another record was sent. The API certainly did not execute this write."""
        self._writes_under_way -= 1
        if self._writes_under_way == 0 and self._earlier_note is None and self._store is not None:
            self._store.delete(STATE_KEY)

    def write_finished(self, record_id: str) -> None:
        """Note the record that exists now."""
        if self.created_id != record_id:
            self._write_note({"_id": record_id})

    def _write_note(self, details: Mapping[str, str]) -> None:
        if self._store is not None:
            self._store.set(STATE_KEY, {"subject": self._subject, **details})
