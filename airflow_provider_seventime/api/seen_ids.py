"""The ids of the records that were delivered, in little memory."""

from __future__ import annotations

from bisect import bisect_left

from airflow_provider_seventime.api.object_ids import is_object_id

PACKED_BYTES = 12

Key = bytes | str


def key_of(record_id: str) -> Key:
    """Return an id as it is kept: 12 bytes where it is an ObjectId, otherwise as it is."""
    return bytes.fromhex(record_id) if is_object_id(record_id) else record_id


class SeenIds:
    """A set of ids that costs 12 bytes each where they come in ascending order, as those of a list mostly do."""

    def __init__(self) -> None:
        self._ascending = bytearray()
        self._newest = b""
        self._others: set[Key] = set()

    def __len__(self) -> int:
        return self._packed() + len(self._others)

    def add(self, key: Key) -> bool:
        """Add an id as :func:`key_of` gives it; return whether it is new."""
        if isinstance(key, bytes) and key > self._newest:
            self._ascending += key
            self._newest = key
            return True
        if key in self._others or (isinstance(key, bytes) and self._holds(key)):
            return False
        self._others.add(key)
        return True

    def _holds(self, key: bytes) -> bool:
        place = bisect_left(range(self._packed()), key, key=self._at)
        return place < self._packed() and self._at(place) == key

    def _at(self, place: int) -> bytes:
        return bytes(self._ascending[place * PACKED_BYTES : (place + 1) * PACKED_BYTES])

    def _packed(self) -> int:
        return len(self._ascending) // PACKED_BYTES
