"""Stores of write notes: the memory of a process, the files of a machine, Redis. The extra ``pacing`` chooses."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from airflow_provider_seventime.api.rate_limit.budgets import shared_folder, shared_name
from airflow_provider_seventime.api.rate_limit.clock import Clock
from airflow_provider_seventime.api.rate_limit.redis_values import MAX_ATTEMPTS, RedisValues
from airflow_provider_seventime.api.settings import Settings
from airflow_provider_seventime.api.writing.notes import EMPTY_NOTE, KEPT_SECONDS, WriteNote
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.per_process import PerProcess

Result = TypeVar("Result")
Change = Callable[[WriteNote, float], tuple[Result, WriteNote]]

# Notes are spread over so many files by their hash: writers of different references rarely wait for each other.
SHARD_DIGITS = 2
_notes = msgspec.json.Decoder(dict[str, WriteNote])
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

    A file holds the notes of all references whose hash begins with the same two digits. A change replaces the file as a
    whole, so a process that is killed leaves the old notes or the new ones. The lock is a file of its own, and the
    kernel frees it when its holder ends. Both are opened for one change and closed after it.

    :param folder: folder of the files; it is made when it is missing.
    :param clock: the machine's monotonic clock, which is the same for every process.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def update(self, key: str, change: Change[Result]) -> Result:
        """Change a note while no other process does.

        :raises ConfigError: the files cannot be written.
        """
        path = self._folder / f"{key[:SHARD_DIGITS]}.json"
        try:
            with self._locked(path):
                now = self._clock.monotonic()
                notes = _read(path)
                before = _current(notes.get(key), now)
                result, after = change(before, now)
                if after != before:
                    notes[key] = after
                    _replace(path, {name: note for name, note in notes.items() if not note.is_old(now)})
        except OSError as error:
            raise ConfigError(
                f"Notes on writes cannot be kept in {self._folder} ({error}).\n"
                "Make the folder writable, or set the connection's extra pacing to a redis:// URL or to 'process'."
            ) from error
        return result

    @contextmanager
    def _locked(self, path: Path) -> Iterator[None]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


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
        return MachineNoteStore(shared_folder() / f"{name}-notes", clock)
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


def _read(path: Path) -> dict[str, WriteNote]:
    """Return the notes of a file; a file that cannot be read counts as empty, for it was not written by this class."""
    try:
        return _notes.decode(path.read_bytes())
    except (FileNotFoundError, msgspec.MsgspecError):
        return {}


def _replace(path: Path, notes: dict[str, WriteNote]) -> None:
    # The lock is held, so no other process uses the same temporary name.
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(notes))
    temporary.replace(path)
