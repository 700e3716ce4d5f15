"""Set of record ids in little memory, and the creation time in an ObjectId.

Records of Seven Time have ObjectIds of MongoDB: 12 bytes, written as 24 hexadecimal digits in lower case. The first
four bytes are the second of creation, so ids ascend as records are created.
"""

from __future__ import annotations

import errno
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice
from operator import lt
from os import SEEK_END
from tempfile import SpooledTemporaryFile
from typing import Self

from airflow_provider_seventime.exceptions import ConfigError, WarehouseError

ID_DIGITS = 24
ID_BYTES = ID_DIGITS // 2
SECOND_DIGITS = 8
# The machine that creates an id and the machine that dates a response have different clocks.
CLOCK_MARGIN_SECONDS = 60

BLOCK_IDS = 4096
BLOCK_BYTES = BLOCK_IDS * ID_BYTES
MAX_BYTES_IN_MEMORY = 256 * 1024

PackedId = bytes | str

_OBJECT_ID = re.compile(f"[0-9a-f]{{{ID_DIGITS}}}")
_HEXADECIMAL = re.compile("[0-9a-f]+")

# Another try meets these again. ENOENT is not one: tempfile raises it when all of its folders are full.
_PERMANENT_CODES = frozenset({errno.EACCES, errno.ENOTDIR, errno.EPERM, errno.EROFS})
_TOO_MANY_OPEN_FILES = frozenset({errno.EMFILE, errno.ENFILE})


def is_object_id(record_id: str) -> bool:
    """Return True for an ObjectId in lower case."""
    return _OBJECT_ID.fullmatch(record_id) is not None


def may_be_created_since(record_id: str, instant: datetime | None) -> bool:
    """Return False if the id proves that the record was created before an instant.

    :param record_id: id of the record. An id that is no ObjectId proves nothing.
    :param instant: aware instant on the server's clock; None: unknown, so nothing is proved.
    """
    if instant is None or not is_object_id(record_id):
        return True
    return int(record_id[:SECOND_DIGITS], 16) >= instant.timestamp() - CLOCK_MARGIN_SECONDS


def pack_id(record_id: str) -> PackedId:
    """Return the 12 bytes of an ObjectId, and any other id unchanged."""
    return bytes.fromhex(record_id) if is_object_id(record_id) else record_id


class SeenIds:
    """Set of record ids that takes little memory when most of them ascend, as in a list sorted by ``_id``.

    ::

        with SeenIds() as seen:
            seen.add("5f48eb3e65d7ee4942c46eeb")          # True: the id is new
            "5f48eb3e65d7ee4942c46eeb" in seen            # True
            len(seen)                                     # 1

    Ascending ObjectIds take 12 bytes each, in memory up to 256 KB and in a temporary file beyond that. All other ids go
    to an ordinary set in memory. Looking ids up in ascending order is fast; in random order, each look-up of an id in
    the file reads 48 KB. The set is for one thread.
    """

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=MAX_BYTES_IN_MEMORY)  # noqa: SIM115 - closed by close
        self._block_starts: list[bytes] = []  # the first id of each block in the file
        self._cached_block: tuple[int, bytes] = (-1, b"")
        self._tail = bytearray()  # ascending ids that do not fill a block yet
        self._highest = b""
        self._others: set[PackedId] = set()

    def __len__(self) -> int:
        return len(self._block_starts) * BLOCK_IDS + len(self._tail) // ID_BYTES + len(self._others)

    def __contains__(self, record_id: object) -> bool:
        return isinstance(record_id, str) and self._contains(pack_id(record_id))

    def add(self, record_id: str) -> bool:
        """Add an id and return whether it is new.

        :raises WarehouseError: the temporary file cannot be written; transient, for example on a full disk.
        :raises ConfigError: the folder of the temporary file can never be written.
        """
        packed = pack_id(record_id)
        if isinstance(packed, bytes) and packed > self._highest:
            self._append(packed)
            return True
        if self._contains(packed):
            return False
        self._others.add(packed)
        return True

    def add_all(self, record_ids: Sequence[str]) -> list[bool]:
        """Add ids and return for each whether it is new: ``[True, False]`` if only the first is.

        Ascending ids above all earlier ones, such as those of the next page of a list, are added in one step.

        :raises WarehouseError: the temporary file cannot be written; transient, for example on a full disk.
        :raises ConfigError: the folder of the temporary file can never be written.
        """
        packed = _pack_ascending(record_ids)
        if packed is None or packed[:ID_BYTES] <= self._highest:
            return [self.add(record_id) for record_id in record_ids]
        self._append(packed)
        return [True] * len(record_ids)

    def close(self) -> None:
        """Delete the temporary file; the set cannot be used any more."""
        with suppress(OSError):  # a failed write raised its error already, and the content is not needed any more
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _append(self, packed: bytes) -> None:
        self._tail += packed
        self._highest = packed[-ID_BYTES:]
        while len(self._tail) >= BLOCK_BYTES:
            self._write_block(bytes(self._tail[:BLOCK_BYTES]))
            del self._tail[:BLOCK_BYTES]

    def _write_block(self, block: bytes) -> None:
        try:
            self._file.seek(0, SEEK_END)
            self._file.write(block)
            self._file.flush()
        except OSError as error:
            raise _file_error("written", error) from error
        self._block_starts.append(block[:ID_BYTES])

    def _read_block(self, index: int) -> bytes:
        if self._cached_block[0] != index:
            try:
                self._file.seek(index * BLOCK_BYTES)
                self._cached_block = index, self._file.read(BLOCK_BYTES)
            except OSError as error:
                raise _file_error("read", error) from error
        return self._cached_block[1]

    def _contains(self, packed: PackedId) -> bool:
        if packed in self._others:
            return True
        if isinstance(packed, str):
            return False
        if self._tail and packed >= self._tail[:ID_BYTES]:
            return _is_in(self._tail, packed)
        index = bisect_right(self._block_starts, packed) - 1
        return index >= 0 and _is_in(self._read_block(index), packed)


def _file_error(action: str, error: OSError) -> ConfigError | WarehouseError:
    """Return the error for a failure of the temporary file.

    :param action: ``written`` or ``read``.
    """
    message = f"The temporary file for the ids of a long list cannot be {action}: {error}.\n"
    if error.errno in _PERMANENT_CODES:
        return ConfigError(f"{message}Set TMPDIR to a folder that can be written.")
    if error.errno in _TOO_MANY_OPEN_FILES:
        return WarehouseError(f"{message}Run fewer tasks at a time, or raise the limit of open files.", transient=True)
    return WarehouseError(f"{message}Make room there, or set TMPDIR to a folder with room.", transient=True)


def _pack_ascending(record_ids: Sequence[str]) -> bytes | None:
    """Return the bytes of all ids in a row; None: they are not ObjectIds in ascending order."""
    digits = "".join(record_ids)
    if _HEXADECIMAL.fullmatch(digits) is None or set(map(len, record_ids)) != {ID_DIGITS}:
        return None
    ascend = all(map(lt, record_ids, islice(record_ids, 1, None)))
    return bytes.fromhex(digits) if ascend else None


def _is_in(block: bytes | bytearray, packed: bytes) -> bool:
    """Search a block of ascending ids."""

    def id_at(index: int) -> bytes:
        return bytes(block[index * ID_BYTES : (index + 1) * ID_BYTES])

    count = len(block) // ID_BYTES
    index = bisect_left(range(count), packed, key=id_at)
    return index < count and id_at(index) == packed
