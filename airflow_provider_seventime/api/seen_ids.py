"""The ids of the records that were delivered, in little memory."""

from __future__ import annotations

import zlib
from bisect import bisect_left, bisect_right
from functools import lru_cache

from airflow_provider_seventime.api.object_ids import is_object_id

PACKED_BYTES = 12
BLOCK_IDS = 4096

Key = bytes | str


def key_of(record_id: str) -> Key:
    """Return an id as it is kept: 12 bytes where it is an ObjectId, otherwise as it is."""
    return bytes.fromhex(record_id) if is_object_id(record_id) else record_id


class SeenIds:
    """A set of ids that costs a few bytes each where they come in ascending order, as those of a list mostly do.

    Ascending ids have most of their digits in common, so full blocks of them are kept compressed.
    """

    def __init__(self) -> None:
        self._firsts: list[bytes] = []
        self._blocks: list[bytes] = []
        self._open = bytearray()
        self._newest = b""
        self._others: set[Key] = set()
        self._unpacked = lru_cache(maxsize=2)(lambda index: zlib.decompress(self._blocks[index]))

    def __len__(self) -> int:
        return len(self._blocks) * BLOCK_IDS + len(self._open) // PACKED_BYTES + len(self._others)

    def add(self, key: Key) -> bool:
        """Add an id as :func:`key_of` gives it; return whether it is new."""
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

    def _close_block(self) -> None:
        self._firsts.append(bytes(self._open[:PACKED_BYTES]))
        self._blocks.append(zlib.compress(self._open, level=1))
        self._open = bytearray()

    def _holds(self, key: bytes) -> bool:
        if self._open and key >= self._open[:PACKED_BYTES]:
            return _stands_in(self._open, key)
        index = bisect_right(self._firsts, key) - 1
        return index >= 0 and _stands_in(self._unpacked(index), key)


def _stands_in(packed: bytes | bytearray, key: bytes) -> bool:
    def at(place: int) -> bytes:
        return bytes(packed[place * PACKED_BYTES : (place + 1) * PACKED_BYTES])

    count = len(packed) // PACKED_BYTES
    place = bisect_left(range(count), key, key=at)
    return place < count and at(place) == key
