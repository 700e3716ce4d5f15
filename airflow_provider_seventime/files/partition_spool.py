"""Temporary files of records, one a partition.

Lists are sorted by id, so the next record may belong to any partition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

MAX_BYTES_IN_MEMORY = 8 * 1024**2


class PartitionSpool:
    """Temporary files of lines, one a partition. Memory and open files do not grow with the number of partitions.

    :param folder: local folder for the files.
    :ivar rows: number of lines of each partition.
    """

    def __init__(self, folder: Path) -> None:
        self.rows: Counter[str] = Counter()
        self._folder = folder
        self._lines: dict[str, list[bytes]] = {}
        self._bytes_in_memory = 0

    def add(self, partition: str, line: bytes) -> None:
        """Add a line to a partition.

        :param partition: name of the partition, which is part of the file name.
        :param line: the line, without a line end.
        :raises OSError: the file cannot be written.
        """
        self.rows[partition] += 1
        self._lines.setdefault(partition, []).append(line)
        self._bytes_in_memory += len(line)
        if self._bytes_in_memory >= MAX_BYTES_IN_MEMORY:
            self._write()

    def take(self, partition: str) -> Iterator[bytes]:
        """Yield the lines of a partition in the order of their arrival, and delete its file at the end."""
        self._write()
        path = self._path(partition)
        if not path.exists():
            return
        with path.open("rb") as lines:
            for line in lines:
                yield line.removesuffix(b"\n")
        path.unlink()

    def _write(self) -> None:
        for partition, lines in self._lines.items():
            with self._path(partition).open("ab") as file:
                file.writelines(line + b"\n" for line in lines)
        self._lines = {}
        self._bytes_in_memory = 0

    def _path(self, partition: str) -> Path:
        return self._folder / f"{partition}.spool"
