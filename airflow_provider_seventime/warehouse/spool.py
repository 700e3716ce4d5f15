"""Rows on disk between the read and the write, so that a read that fails has written nothing. No SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from struct import Struct
from tempfile import TemporaryFile
from typing import Any

import msgspec

from airflow_provider_seventime.exceptions import WarehouseError

BATCH_ROWS = 1_000

_Batch = list[tuple[Any, ...]]
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Batch)
_length = Struct(">Q")


class Spool:
    """Temporary file of rows, which are written and read in batches of ``BATCH_ROWS``.

    The file is deleted when the ``with`` block ends. At most one batch is in memory.

    :raises WarehouseError: the file cannot be created.
    """

    def __init__(self) -> None:
        try:
            self._file = TemporaryFile()  # noqa: SIM115 - closed by __exit__
        except OSError as error:
            raise _no_room(error) from error
        self._batch: _Batch = []

    def add(self, row: tuple[Any, ...]) -> None:
        """Append a row: a tuple of None, ``bool``, ``int`` of 64 bits and ``str``.

        :raises WarehouseError: the disk has no room for it.
        """
        self._batch.append(row)
        if len(self._batch) == BATCH_ROWS:
            self._write_batch()

    def batches(self) -> Iterator[_Batch]:
        """Yield every row, in the order of :meth:`add`.

        :raises WarehouseError: the disk has no room for the last rows.
        """
        self._write_batch()
        try:
            self._file.seek(0)  # writes what is still in the buffer
        except OSError as error:
            raise _no_room(error) from error
        while head := self._file.read(_length.size):
            (size,) = _length.unpack(head)
            yield _decoder.decode(self._file.read(size))

    def _write_batch(self) -> None:
        if not self._batch:
            return
        encoded = _encoder.encode(self._batch)
        try:
            self._file.write(_length.pack(len(encoded)))
            self._file.write(encoded)
        except OSError as error:
            raise _no_room(error) from error
        self._batch = []

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # a failed write raised its error already
            self._file.close()


def _no_room(error: OSError) -> WarehouseError:
    return WarehouseError(
        f"the temporary file that holds the rows until the read is complete cannot be written ({error}); nothing was "
        "changed. Make room on that disk, or set TMPDIR to a folder that has room",
        transient=True,
    )
