"""Stores of write notes: the memory of a process, the files of a machine, Redis. The extra ``pacing`` chooses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol, TypeVar

import msgspec

from airflow_provider_seventime.api.rate_limit.budgets import shared_name
from airflow_provider_seventime.api.rate_limit.clock import Clock
from airflow_provider_seventime.api.rate_limit.private_folder import PrivateFolder, shared_folder
from airflow_provider_seventime.api.rate_limit.redis_values import MAX_ATTEMPTS, RedisValues
from airflow_provider_seventime.api.settings import Settings
from airflow_provider_seventime.api.writing.notes import EMPTY_NOTE, KEPT_SECONDS, WriteNote
from airflow_provider_seventime.per_process import PerProcess

Result = TypeVar("Result")
Change = Callable[[WriteNote, float], tuple[Result, WriteNote]]

# Notes are spread over so many files by their hash: writers of different references rarely wait for each other.
SHARD_DIGITS = 2
# A file is written anew when it has more lines than this.
MAX_LINES_PER_NOTE = 4
MIN_LINES = 64
LINE_BREAK = b"\n"
_keyed_note = msgspec.json.Decoder(tuple[str, WriteNote])
_note = msgspec.json.Decoder(WriteNote)


class NoteStore(Protocol):
    """Store of write notes that every writer of a key shares."""

    def update(self, key: str, change: Change[Result]) -> Result:
        """Change a note while no other writer does.

        :param key: hash of the reference.
        :param change: takes the note and the time on the store's clock; returns a result and the new note. It may be
            called more than once.
        :raises SevenTimeError: the store cannot be reached; nothing may be sent.
        """


class ProcessNoteStore:
    """Notes for the threads of this process.

    :param clock: the machine's clock.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._notes: dict[str, WriteNote] = {}
        self._lock = PerProcess(threading.Lock)

    def update(self, key: str, change: Change[Result]) -> Result:
        """Change a note while no other thread does."""
        with self._lock.value:
            now = self.clock.monotonic()
            before = _current(self._notes.get(key), now)
            result, after = change(before, now)
            if after != before:
                self._notes.pop(key, None)
                self._notes[key] = after
            self._drop_old(now)
        return result

    def clear(self) -> None:
        """Drop all notes."""
        with self._lock.value:
            self._notes.clear()

    def _drop_old(self, now: float) -> None:
        # Notes stand in the order of their last change.
        while self._notes and (oldest := next(iter(self._notes))) and self._notes[oldest].is_old(now):
            del self._notes[oldest]


class MachineNoteStore:
    """Notes for every process of this user on this machine.

    A file holds the notes of all references whose hash begins with the same two digits: a line of JSON for each change,
    and of each reference the last line counts. A process that is killed leaves an incomplete line at most, which does
    not count. To replace the whole file instead would make the file system write it to the disk, which takes
    milliseconds. The lock is a file of its own.

    :param folder: folder of the files.
    :param name: name of what the clients of a key share; the files' names begin with it.
    :param clock: the machine's monotonic clock, which is the same for every process.
    """

    def __init__(self, folder: PrivateFolder, name: str, clock: Clock) -> None:
        self._folder = folder
        self._name = name
        self._clock = clock

    def update(self, key: str, change: Change[Result]) -> Result:
        """Change a note while no other process does.

        :raises ConfigError: the files cannot be used.
        :raises TransportError: they cannot be used for now, for example on a full disk; nothing may be sent.
        """
        shard = f"{self._name}-{key[:SHARD_DIGITS]}"
        with self._folder.locked(f"{shard}.lock"):
            now = self._clock.monotonic()
            lines = self._folder.read(f"{shard}.jsonl").split(LINE_BREAK)
            notes = _decoded(lines)
            before = _current(notes.get(key), now)
            result, after = change(before, now)
            if after != before:
                notes[key] = after
                self._write(f"{shard}.jsonl", len(lines), notes, key, now)
        return result

    def _write(self, name: str, line_count: int, notes: dict[str, WriteNote], key: str, now: float) -> None:
        """Append a note to a file, or replace the file if most of its lines do not count any more."""
        if line_count <= MAX_LINES_PER_NOTE * len(notes) + MIN_LINES:
            self._folder.append(name, _line(key, notes[key]))
            return
        kept = (_line(other, note) for other, note in notes.items() if not note.is_old(now))
        self._folder.replace(name, b"".join(kept))


class RedisNoteStore:
    """Notes for every writer that uses the same key and the same Redis.

    :param url: ``redis://`` or ``rediss://`` URL.
    :param name: name of what the clients of a key share.
    :raises ConfigError: the package ``redis`` is not installed, or the URL is invalid.
    """

    def __init__(self, url: str, name: str) -> None:
        self._values = RedisValues(url, "the store of write notes")
        self._prefix = f"seventime:note:{name}:"

    def update(self, key: str, change: Change[Result]) -> Result:
        """Change a note while no other client does.

        :raises TransportError: Redis does not respond; nothing may be sent.
        """
        name = self._prefix + key
        for _ in range(MAX_ATTEMPTS):
            stored, now = self._values.read(name)
            before = _current(None if stored is None else _note.decode(stored), now)
            result, after = change(before, now)
            if after == before or self._values.replace(name, stored, msgspec.json.encode(after), int(KEPT_SECONDS)):
                return result
        raise self._values.contended()


_process_stores: dict[tuple[str, type[Clock]], ProcessNoteStore] = {}
_process_stores_lock = PerProcess(threading.Lock)


def note_store_for(settings: Settings, clock: Clock) -> NoteStore:
    """Return the store that the clients of a key and host share, where they share their rate limit too.

    :param settings: the connection.
    :param clock: the machine's clock.
    :raises ConfigError: ``pacing`` is a Redis URL, and the package ``redis`` is missing or the URL is invalid.
    """
    name = shared_name(settings)
    if settings.pacing == "machine":
        return MachineNoteStore(PrivateFolder(shared_folder(), "the store of write notes"), name, clock)
    if settings.pacing != "process":
        return RedisNoteStore(settings.pacing, name)
    with _process_stores_lock.value:
        # Clocks of different types are not comparable: a test's clock gets a store of its own.
        return _process_stores.setdefault((name, type(clock)), ProcessNoteStore(clock))


def forget_process_notes() -> None:
    """Drop the notes of this process, after the account that they are about has returned to an earlier state."""
    with _process_stores_lock.value:
        for store in _process_stores.values():
            store.clear()


def _current(stored: WriteNote | None, now: float) -> WriteNote:
    return EMPTY_NOTE if stored is None or stored.is_old(now) else stored


def _line(key: str, note: WriteNote) -> bytes:
    """Return a note as a line, which begins with the break: the line before it may be incomplete."""
    return LINE_BREAK + msgspec.json.encode((key, note))


def _decoded(lines: Sequence[bytes]) -> dict[str, WriteNote]:
    """Return the notes of a file. A line that cannot be read does not count: its writer was killed."""
    notes: dict[str, WriteNote] = {}
    for line in lines:
        with suppress(msgspec.MsgspecError):
            key, note = _keyed_note.decode(line)
            notes[key] = note
    return notes
