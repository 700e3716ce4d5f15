"""Records as JSON Lines: one a line, UTF-8, plain or gzipped."""

from __future__ import annotations

import gzip
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Self, cast

# Half the time of the default level for a file that is a tenth larger.
_COMPRESSION_LEVEL = 5


class JsonLinesFile:
    """A file of JSON Lines that is being written.

    The same records make the same file, gzipped too: neither its name nor a time stands in it.

    :param path: on this machine; a file of that name is written over.
    :param compressed: gzip it.
    """

    def __init__(self, path: Path, *, compressed: bool) -> None:
        with ExitStack() as opened:
            self._file: IO[bytes] = opened.enter_context(path.open("wb"))
            if compressed:
                zipped = gzip.GzipFile("", "wb", _COMPRESSION_LEVEL, fileobj=self._file, mtime=0)
                self._file = cast("IO[bytes]", opened.enter_context(zipped))
            self._opened = opened.pop_all()

    def add(self, line: bytes) -> None:
        """Append a record.

        :param line: its JSON, without a line end.
        """
        self._file.write(line)
        self._file.write(b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()
