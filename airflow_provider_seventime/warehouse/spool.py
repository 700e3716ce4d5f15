"""Records on disk between the read and the write, so that a read that fails has written nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from tempfile import TemporaryFile
from typing import Any

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.exceptions import WarehouseError
from airflow_provider_seventime.warehouse.write.merge import chunks


class Spool:
    """A temporary file of records, one line of JSON each; it is gone when the ``with`` block ends."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - closed by __exit__

    def add(self, record: Mapping[str, Any]) -> None:
        """Append a record.

        :raises WarehouseError: there is no room for it.
        """
        try:
            self._file.write(exact_json.encode(record))
            self._file.write(b"\n")
        except OSError as error:
            raise _no_room(error) from error

    def batches(self, size: int) -> Iterator[list[dict[str, Any]]]:
        """Yield what was added, in order, in lists of at most ``size`` records.

        :param size: records that are held in memory at once.
        :raises WarehouseError: there is no room for what was added.
        """
        try:
            self._file.seek(0)
        except OSError as error:  # the last records leave the buffer only now
            raise _no_room(error) from error
        yield from chunks(map(exact_json.decode, self._file), size)

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _no_room(error: OSError) -> WarehouseError:
    return WarehouseError(
        f"what is read is kept in a temporary file until all of it is here, and that cannot be written ({error}); "
        "nothing was changed. Make room there, or set TMPDIR to a folder that has it",
        transient=True,
    )
