"""Notes on writes: who may send the record with a reference, and what became of earlier attempts. No I/O.

Two runs that create with the same reference at the same time would both look, find nothing, and both send. So each
reference has one note, shared by every process that uses the key:

* A writer takes the **lease** of the note directly before its POST. Other writers wait until the lease ends.
* Each lease raises the **generation**. A writer remembers the generation that the note had before its look. If it is
  another one when the writer wants to send, the look is out of date and the writer looks again.
* The note holds the **time of sending** from before the POST until its outcome is known. After a writer that died, the
  next one looks until :data:`UNCERTAIN_SECONDS` after that time: the API may still be working on the first POST.
* The **outcome**, the ``_id`` of the record, is kept for a day, so that a late writer finds it there. Lists may lag
  behind a write: a record that does not show is looked for until :data:`UNCERTAIN_SECONDS` after it was noted.

A process that is stopped between its last check and the write to the socket cannot be fenced by any of this.
"""

from __future__ import annotations

from typing import Literal

import msgspec

LEASE_SECONDS = 30.0
UNCERTAIN_SECONDS = 180.0
KEPT_SECONDS = 86_400.0


class WriteNote(msgspec.Struct, frozen=True, omit_defaults=True):
    """Note on the writes of one reference. Times are seconds on the store's clock.

    :param generation: number of leases that were given so far.
    :param owner: writer that holds the lease, or held it last; empty: none.
    :param renewed_at: when the owner took or last renewed the lease; None: the lease is free.
    :param sent_at: when a POST left whose outcome is unknown; None: there is none.
    :param record_id: ``_id`` of the record that a POST created; None: none is known.
    :param changed_at: when the note last changed.
    """

    generation: int = 0
    owner: str = ""
    renewed_at: float | None = None
    sent_at: float | None = None
    record_id: str | None = None
    changed_at: float = 0.0

    def held_seconds(self, owner: str, now: float) -> float:
        """Return for how many seconds another writer still holds the lease; 0.0: it does not.

        :param owner: the writer that asks.
        :param now: time on the store's clock.
        """
        if self.renewed_at is None or self.owner == owner:
            return 0.0
        return _left(self.renewed_at, LEASE_SECONDS, now)

    def uncertain_seconds(self, now: float) -> float:
        """Return for how many seconds a search without result proves nothing; 0.0: it proves that there is no record.

        An earlier POST may still create the record, or the API may not show yet what a POST has just created.
        """
        if self.sent_at is None and self.record_id is None:
            return 0.0
        return _left(self.changed_at if self.sent_at is None else self.sent_at, UNCERTAIN_SECONDS, now)

    def is_old(self, now: float) -> bool:
        """Return whether the note can be dropped: nothing changed it for a day and no lease is running."""
        return _left(self.changed_at, KEPT_SECONDS, now) == 0.0


EMPTY_NOTE = WriteNote()

ClaimResult = Literal["claimed", "held", "changed", "created"]


def claim(note: WriteNote, owner: str, generation: int, now: float) -> tuple[ClaimResult, WriteNote]:
    """Take the lease and note the time of sending, if the writer's look is still valid.

    :param note: the note as it stands.
    :param owner: the writer.
    :param generation: generation of the note before the writer's look.
    :param now: time on the store's clock.
    :return: ``claimed``: the writer may send now. ``created``: the note names the record that another writer created.
        ``held``: another writer holds the lease. ``changed``: the lease changed hands since the look. With anything but
        ``claimed`` the note stays as it is.
    """
    if note.record_id is not None and note.generation != generation:
        return "created", note
    if note.held_seconds(owner, now) > 0:
        return "held", note
    if note.generation != generation:
        return "changed", note
    return "claimed", WriteNote(
        generation=generation + 1, owner=owner, renewed_at=now, sent_at=now, record_id=None, changed_at=now
    )


def renew(note: WriteNote, owner: str, now: float) -> tuple[bool, WriteNote]:
    """Renew a lease; the result is False if another writer has taken it over."""
    if note.owner != owner or note.renewed_at is None:
        return False, note
    return True, msgspec.structs.replace(note, renewed_at=now, changed_at=now)


def succeed(note: WriteNote, owner: str, record_id: str, now: float) -> tuple[str | None, WriteNote]:
    """Note the record that was created and end the lease.

    :param note: the note as it stands.
    :param owner: the writer whose POST succeeded.
    :param record_id: the record's ``_id``.
    :param now: time on the store's clock.
    :return: the ``_id`` that another writer has noted meanwhile, or None, and the note. A writer that lost its lease
        names its record only where none is named yet, and leaves the lease to its new owner.
    """
    if note.owner == owner:
        return None, WriteNote(note.generation, owner, None, None, record_id, now)
    if note.record_id is not None and note.record_id != record_id:
        return note.record_id, note
    return None, msgspec.structs.replace(note, record_id=record_id, changed_at=now)


def withdraw(note: WriteNote, owner: str, now: float) -> tuple[None, WriteNote]:
    """End the lease of a writer whose POST certainly changed nothing."""
    if note.owner != owner:
        return None, note
    return None, msgspec.structs.replace(note, renewed_at=None, sent_at=None, changed_at=now)


def release(note: WriteNote, owner: str, now: float) -> tuple[None, WriteNote]:
    """End the lease of a writer whose POST has an unknown outcome: the time of sending stays in the note."""
    if note.owner != owner:
        return None, note
    return None, msgspec.structs.replace(note, renewed_at=None, changed_at=now)


def _left(begun_at: float, seconds: float, now: float) -> float:
    """Return what is left of a span of time.

    A beginning in the future was noted before the machine restarted, when its clock stood higher: the span begins anew.
    """
    return max(0.0, seconds - max(0.0, now - begun_at))
