"""Output of a candidate: a count of the records, or a file of JSON Lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def write_rows(rows: Iterable[Any], output: str | None, encode: Callable[[Any], str]) -> int:
    """Count records, and write them to a file of JSON Lines.

    :param rows: the records.
    :param output: the file; None: only count.
    :param encode: converts a record to one line.
    """
    count = 0
    if output is None:
        for count, _row in enumerate(rows, 1):  # noqa: B007 - the last number is the count
            pass
        return count
    with Path(output).open("w", encoding="utf-8") as file:
        for count, row in enumerate(rows, 1):  # noqa: B007
            file.write(encode(row) + "\n")
    return count
