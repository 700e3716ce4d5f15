"""Lease of one reference: the last check before a POST, and the note of what became of it."""

from __future__ import annotations

import hashlib
import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from airflow_provider_seventime.api.rate_limit.clock import Clock, SendWindow
from airflow_provider_seventime.api.writing.lookup import LookupKey
from airflow_provider_seventime.api.writing.note_stores import NoteStore
from airflow_provider_seventime.api.writing.notes import (
    LEASE_SECONDS,
    WriteNote,
    claim,
    release,
    renew,
    succeed,
    withdraw,
)
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import SevenTimeError

logger = logging.getLogger(__name__)

RENEW_EVERY_SECONDS = LEASE_SECONDS / 3
LONGEST_LEASE_CHECK_SECONDS = 1.0
# A writer that waited longer than planned by more than this was stopped, or its machine was: it searches again.
STALL_SECONDS = 1.0
# A POST leaves so soon after its lease was taken, or not at all. The process may have been stopped in between.
SEND_WITHIN_SECONDS = LEASE_SECONDS / 3


class SearchOutdated(Exception):  # noqa: N818 - not an error
    """The writer may not send: its search for an existing record is out of date. It searches again."""


@dataclass(frozen=True, slots=True)
class NoteView:
    """Note of a reference as a writer sees it before its search.

    :param generation: number of leases given so far.
    :param held_seconds: time for which another writer still holds the lease; 0.0: none does.
    :param uncertain_seconds: time for which a search without result proves nothing, as
        :meth:`.WriteNote.uncertain_seconds` describes.
    :param sent: an earlier POST has an unknown outcome, however long ago.
    :param record_id: ``_id`` of the record that another writer created within a day; None: none is known.
    """

    generation: int
    held_seconds: float
    uncertain_seconds: float
    sent: bool
    record_id: str | None

    @property
    def is_clear(self) -> bool:
        """True if the note gives no reason to search."""
        return not self.held_seconds and not self.sent and self.record_id is None


class WriteLease:
    """Lease that one create takes for its reference.

    :param store: the store of the notes.
    :param collection: the collection.
    :param key: the reference or unique number.
    :param clock: clock for waits.
    :param renew_every_seconds: time between two renewals during a POST. Defaults to a third of the lease.
    """

    def __init__(
        self,
        store: NoteStore,
        collection: CollectionSpec,
        key: LookupKey,
        clock: Clock,
        renew_every_seconds: float = RENEW_EVERY_SECONDS,
    ) -> None:
        self.key = key
        self._store = store
        self._resource = collection.name
        self._clock = clock
        self._renew_every_seconds = renew_every_seconds
        self._owner = uuid.uuid4().hex
        self._digest = digest_of(collection, key)
        self._generation = 0
        self._view: NoteView | None = None
        self._claimed_at = 0.0
        self.took_over = False

    @property
    def view(self) -> NoteView:
        """The note as it was last read; it is read now if it never was."""
        return self._view or self.read()

    def read(self) -> NoteView:
        """Read the note. A later :meth:`claim` fails if its generation changes after this."""
        self._view = self._store.update(self._digest, self._look)
        self._generation = self._view.generation
        return self._view

    def wait_until_free(self) -> NoteView:
        """Wait while another writer holds the lease, and return the note after that."""
        view = self.read()
        if view.held_seconds:
            logger.info(
                "%s: another run is creating the record with %s; waiting for it, at most %.0f s if it has ended",
                self._resource,
                self.key,
                view.held_seconds,
            )
        while view.held_seconds:
            self._clock.sleep(min(view.held_seconds, LONGEST_LEASE_CHECK_SECONDS))
            view = self.read()
        return view

    def claim(self, late_seconds: float) -> None:
        """Take the lease directly before the POST, and note the time of sending.

        :param late_seconds: how much longer the writer waited for its turn than planned.
        :raises SearchOutdated: another writer took the lease since :meth:`read`, or this one was stopped meanwhile.
        """
        if late_seconds > STALL_SECONDS:
            logger.warning(
                "%s: this process was stopped for %.1f s; searching again for %s before it is sent",
                self._resource,
                late_seconds,
                self.key,
            )
            raise SearchOutdated
        generation = self._generation
        self._claimed_at = self._clock.monotonic()
        result = self._store.update(self._digest, lambda note, now: claim(note, self._owner, generation, now))
        if result != "claimed":
            raise SearchOutdated
        self.took_over = self.took_over or (self._view is not None and self._view.sent)
        self._generation += 1

    @property
    def send_window(self) -> SendWindow:
        """Time after the last :meth:`claim` in which no other writer can have taken the lease over."""
        return SendWindow(self._clock, self._claimed_at + SEND_WITHIN_SECONDS)

    @contextmanager
    def renewed(self) -> Iterator[None]:
        """Renew the lease every ten seconds during the block, for a POST that takes long."""
        ended = threading.Event()
        renewal = threading.Thread(target=self._renew_until, args=(ended,), name="seventime-lease", daemon=True)
        renewal.start()
        try:
            yield
        finally:
            ended.set()

    def succeed(self, record_id: str) -> str | None:
        """Note the record that was created, and return the ``_id`` of one that another writer created meanwhile."""
        return self._note_outcome(lambda note, now: succeed(note, self._owner, record_id, now))

    def withdraw(self) -> None:
        """End the lease: the POST certainly created nothing."""
        self._note_outcome(lambda note, now: withdraw(note, self._owner, now))

    def release(self) -> None:
        """End the lease: the outcome of the POST is unknown, and the time of sending stays in the note."""
        self._note_outcome(lambda note, now: release(note, self._owner, now))

    def _note_outcome(self, change: Callable[[WriteNote, float], tuple[str | None, WriteNote]]) -> str | None:
        """Change the note after the POST. An error of the store must not replace the outcome of the POST.

        The note then says that the outcome is unknown, so other writers search for the record as after a killed writer.
        """
        try:
            return self._store.update(self._digest, change)
        except SevenTimeError as error:
            logger.warning(
                "%s: the outcome of sending %s could not be noted. Another run may wait for it up to %.0f s and then "
                "search for the record: %s",
                self._resource,
                self.key,
                LEASE_SECONDS,
                error,
            )
            return None

    def _look(self, note: WriteNote, now: float) -> tuple[NoteView, WriteNote]:
        view = NoteView(
            note.generation,
            note.held_seconds(self._owner, now),
            note.uncertain_seconds(now),
            note.sent_at is not None,
            note.record_id,
        )
        return view, note

    def _renew_until(self, ended: threading.Event) -> None:
        while not ended.wait(self._renew_every_seconds):
            try:
                if not self._store.update(self._digest, lambda note, now: renew(note, self._owner, now)):
                    return
            except SevenTimeError as error:
                logger.warning(
                    "%s: the lease of %s could not be renewed and is tried again in %.0f s. After %.0f s without a "
                    "renewal another run may take it over: %s",
                    self._resource,
                    self.key,
                    self._renew_every_seconds,
                    LEASE_SECONDS,
                    error,
                )


def digest_of(collection: CollectionSpec, key: LookupKey) -> str:
    """Return the hash of a reference or number under which its note is stored; the note does not show it."""
    text = f"{collection.name} {key.field if not key.is_reference else ''} {key.compared}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
