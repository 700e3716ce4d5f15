"""JSON Lines files: one record a line, UTF-8, plain or gzipped."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import IO, Self, cast

# Half the time of the default level, for a file that is a tenth larger.
_COMPRESSION_LEVEL = 5
# One write for many lines costs a fraction of one write a line. A page of the API has at most as many records.
LINES_PER_WRITE = 500


class JsonLinesFile:
    """JSON Lines file for writing.

    The same records give the same bytes, also gzipped: the gzip header has no file name and no time.

    ::

        with JsonLinesFile(Path("time_logs.jsonl"), compressed=False) as file:
            file.add_all([b'{"_id":"5f48eb3e65d7ee4942c46eeb"}'])    # 1

    :param path: local path; an existing file is overwritten.
    :param compressed: gzip the file.
    :raises OSError: the file cannot be opened.
    """

    def __init__(self, path: Path, *, compressed: bool) -> None:
        with ExitStack() as opened:
            self._file: IO[bytes] = opened.enter_context(path.open("wb"))
            if compressed:
                zipped = gzip.GzipFile("", "wb", _COMPRESSION_LEVEL, fileobj=self._file, mtime=0)
                self._file = cast("IO[bytes]", opened.enter_context(zipped))
            self._opened = opened.pop_all()

    def add_all(self, lines: Iterable[bytes]) -> int:
        """Append records and return their number.

        :param lines: JSON of each record, without a line end.
        :raises OSError: the file cannot be written.
        """
        rows = 0
        remaining = iter(lines)
        while batch := list(islice(remaining, LINES_PER_WRITE)):
            rows += len(batch)
            batch.append(b"")  # the last line ends with a line end too
            self._file.write(b"\n".join(batch))
        return rows

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()
