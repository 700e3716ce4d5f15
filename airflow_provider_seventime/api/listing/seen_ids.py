"""The ids of the records that were delivered, in little memory."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from contextlib import suppress
from functools import lru_cache
from os import SEEK_END
from tempfile import SpooledTemporaryFile

from airflow_provider_seventime.api.listing.object_ids import is_object_id
from airflow_provider_seventime.exceptions import ConfigError

PACKED_BYTES = 12
BLOCK_IDS = 4096
MOST_BYTES_IN_MEMORY = 256 * 1024

Key = bytes | str


def key_of(record_id: str) -> Key:
    """Return an id as it is kept: 12 bytes where it is an ObjectId, otherwise as it is."""
    return bytes.fromhex(record_id) if is_object_id(record_id) else record_id


class SeenIds:
    """A set of ids that stays small where they come in ascending order, as those of a list mostly do.

    Full blocks of ascending ids go to a temporary file when they are more than memory should hold: what is left of a
    block is where it begins.
    """

    def __init__(self) -> None:
        self._firsts: list[bytes] = []
        self._kept = SpooledTemporaryFile(max_size=MOST_BYTES_IN_MEMORY)  # noqa: SIM115 - closed by close
        self._open = bytearray()
        self._newest = b""
        self._others: set[Key] = set()
        self._block = lru_cache(maxsize=2)(self._read_block)

    def __len__(self) -> int:
        return len(self._firsts) * BLOCK_IDS + len(self._open) // PACKED_BYTES + len(self._others)

    def add(self, key: Key) -> bool:
        """Add an id as :func:`key_of` gives it; return whether it is new.

        :raises ConfigError: the temporary file cannot be written.
        """
        if isinstance(key, bytes) and key > self._newest:
            self._open += key
            self._newest = key
            if len(self._open) == BLOCK_IDS * PACKED_BYTES:
                self._close_block()
            return True
        if key in self._others or (isinstance(key, bytes) and self._holds(key)):
            return False
        self._others.add(key)
        return True

    def close(self) -> None:
        """Let go of the file."""
        with suppress(OSError):  # what it could not write has been told, and nobody reads it any more
            self._kept.close()

    def _close_block(self) -> None:
        self._firsts.append(bytes(self._open[:PACKED_BYTES]))
        try:
            self._kept.seek(0, SEEK_END)
            self._kept.write(self._open)
            self._kept.flush()
        except OSError as error:
            raise ConfigError(
                f"the ids of a long list are kept in a temporary file, which cannot be written ({error}); make room "
                "there, or set TMPDIR to a folder that has it"
            ) from error
        self._open = bytearray()

    def _read_block(self, index: int) -> bytes:
        self._kept.seek(index * BLOCK_IDS * PACKED_BYTES)
        return self._kept.read(BLOCK_IDS * PACKED_BYTES)

    def _holds(self, key: bytes) -> bool:
        if self._open and key >= self._open[:PACKED_BYTES]:
            return _stands_in(self._open, key)
        index = bisect_right(self._firsts, key) - 1
        return index >= 0 and _stands_in(self._block(index), key)


def _stands_in(packed: bytes | bytearray, key: bytes) -> bool:
    def at(place: int) -> bytes:
        return bytes(packed[place * PACKED_BYTES : (place + 1) * PACKED_BYTES])

    count = len(packed) // PACKED_BYTES
    place = bisect_left(range(count), key, key=at)
    return place < count and at(place) == key
