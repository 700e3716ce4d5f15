"""Lines put aside by partition: lists come in the order of ids, so any record may belong to any partition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

HELD_BYTES = 8 * 1024**2


class PartitionSpool:
    """Files of lines, one a partition; memory and open files are bounded whatever the number of partitions.

    :param folder: on this machine, to write into.
    """

    def __init__(self, folder: Path) -> None:
        self.rows: Counter[str] = Counter()
        self._folder = folder
        self._held: dict[str, list[bytes]] = {}
        self._held_bytes = 0

    def add(self, partition: str, line: bytes) -> None:
        """Put a line aside.

        :param partition: fit for the name of a file.
        :param line: without a line end.
        """
        self.rows[partition] += 1
        self._held.setdefault(partition, []).append(line)
        self._held_bytes += len(line)
        if self._held_bytes >= HELD_BYTES:
            self._write()

    def take(self, partition: str) -> Iterator[bytes]:
        """Yield the lines of a partition in the order in which they came, and let go of its file."""
        self._write()
        path = self._path(partition)
        if not path.exists():
            return
        with path.open("rb") as lines:
            for line in lines:
                yield line.removesuffix(b"\n")
        path.unlink()

    def _write(self) -> None:
        for partition, lines in self._held.items():
            with self._path(partition).open("ab") as file:
                file.writelines(line + b"\n" for line in lines)
        self._held = {}
        self._held_bytes = 0

    def _path(self, partition: str) -> Path:
        return self._folder / f"{partition}.spool"
