"""Rows as a table, as CSV or as JSON Lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from airflow_provider_seventime import exact_json

# Rows that are kept in memory until the columns are known; more of them go to a temporary file.
MEMORY_BYTES = 16 * 1024 * 1024


def write_jsonl(lines: Iterable[bytes], output: IO[bytes]) -> None:
    """Write JSON records, one a line.

    :param lines: the records.
    :param output: the target.
    """
    for line in lines:
        output.write(line + b"\n")


def write_csv(lines: Iterable[bytes], output: IO[bytes]) -> None:
    """Write JSON records as CSV, with a column for each field that a record has. Objects and lists stay JSON.

    :param lines: the records.
    :param output: the target.
    """
    columns: dict[str, None] = {}
    with SpooledTemporaryFile(max_size=MEMORY_BYTES) as spool:
        for line in lines:
            columns.update(dict.fromkeys(exact_json.decode(line)))
            spool.write(line + b"\n")
        spool.seek(0)
        text = io.TextIOWrapper(output, encoding="utf-8", newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        for line in spool:
            record = exact_json.decode(line)
            writer.writerow([cell(record.get(name)) for name in columns])
        text.detach()


def write_table(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], output: IO[bytes], *, longest: int | None = None
) -> None:
    """Write rows as a table.

    :param rows: the rows.
    :param columns: the fields that are shown.
    :param output: the target.
    :param longest: longer cells are cut to so many characters. None: no cell is cut.
    """
    cells = [[shown(row.get(name), longest) for name in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    for line in [list(columns), ["-" * width for width in widths], *cells]:
        text = "  ".join(part.ljust(width) for part, width in zip(line, widths, strict=True))
        output.write(text.rstrip().encode() + b"\n")


def write_rows(rows: Sequence[Mapping[str, Any]], form: str, output: IO[bytes]) -> None:
    """Write rows that all have the same fields.

    :param rows: the rows, at least one.
    :param form: ``table``, ``csv`` or ``jsonl``.
    :param output: the target.
    """
    if form == "table":
        write_table(rows, list(rows[0]), output)
        return
    write = write_csv if form == "csv" else write_jsonl
    write(map(exact_json.encode, rows), output)


def cell(value: Any) -> str:
    """Return a value as the text of a cell: nothing for null, JSON for objects and lists."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float | Decimal):
        return str(value)
    return exact_json.encode(value).decode()


def shown(value: Any, longest: int | None) -> str:
    """Return the text of a cell for the screen: on one line, without characters that control a terminal, and cut."""
    text = "".join(character if character.isprintable() else " " for character in cell(value))
    return text if longest is None or len(text) <= longest else f"{text[: longest - 1]}…"
