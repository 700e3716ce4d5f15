"""Records of a collection on the standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import IO, TYPE_CHECKING, Any

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.cli.output import write_csv, write_jsonl, write_table
from airflow_provider_seventime.contract.registry import find_collection
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import ConfigError

if TYPE_CHECKING:
    from airflow_provider_seventime.api.client import SevenTimeClient

TABLE_COLUMNS = 7
LONGEST_CELL = 40


def filters_of(given: Sequence[tuple[str, str]] | None) -> dict[str, str]:
    """Return the filters of the command line as an object.

    :param given: names and values. None: no filters.
    :raises ConfigError: a filter is given twice.
    """
    filters: dict[str, str] = {}
    for name, value in given or ():
        if name in filters:
            raise ConfigError(f"--filter {name} is given twice.\nGive one value.")
        filters[name] = value
    return filters


def dump(
    client: SevenTimeClient,
    resource: str,
    *,
    filters: Mapping[str, str],
    limit: int | None,
    form: str,
    output: IO[bytes],
) -> int:
    """Write the records of a collection, and return their number.

    :param client: the client of the connection.
    :param resource: the collection.
    :param filters: filters of the list.
    :param limit: the most records. None: all.
    :param form: ``jsonl``, ``csv`` or ``table``.
    :param output: the target.
    :raises SevenTimeError: the collection or a filter is unknown, or a request failed.
    """
    collection = find_collection(resource, version=client.settings.api_version)
    lines = _lines(client, collection, filters, limit)
    if _shows_progress(form, output):
        lines = _with_progress(lines, collection.name, _total(client, collection, filters, limit))
    counted = _Counted(lines)
    if form == "table":
        rows = [exact_json.decode(line) for line in counted]
        write_table(rows, table_columns(collection, rows), output, longest=LONGEST_CELL)
    else:
        write = write_csv if form == "csv" else write_jsonl
        write(counted, output)
    return counted.count


def table_columns(collection: CollectionSpec, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the fields that a table shows: id, number, name, status, then other plain fields that have a value.

    :param collection: the collection.
    :param rows: its records.
    """
    first = (collection.id_field, collection.number_field, collection.name_field, collection.status_field)
    present = {name for row in rows for name, value in row.items() if value not in (None, "", [], {})}
    ordered = dict.fromkeys(name for name in chain(first, collection.fields) if name is not None and name in present)
    return list(ordered)[:TABLE_COLUMNS] or [collection.id_field]


class _Counted:
    """Records that are counted while they are read."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = lines
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self.count += 1
            yield line


def _lines(
    client: SevenTimeClient, collection: CollectionSpec, filters: Mapping[str, str], limit: int | None
) -> Iterator[bytes]:
    if "list" in collection.operations or not collection.singleton:
        return client.list_json(collection.name, filters, max_records=limit)
    if filters:
        raise ConfigError(f"{collection.name} is one record and has no filters.\nLeave --filter out.")
    return iter([exact_json.encode(client.get(collection.name))])


def _total(
    client: SevenTimeClient, collection: CollectionSpec, filters: Mapping[str, str], limit: int | None
) -> int | None:
    """Return the number of records for the progress bar; None: it would take as long as the records themselves."""
    if not (collection.paged and "list" in collection.operations):
        return None
    total = client.count(collection.name, filters)
    return total if limit is None else min(total, limit)


def _shows_progress(form: str, output: IO[bytes]) -> bool:
    """Return True if a person watches, and the bar does not stand between lines of records."""
    return sys.stderr.isatty() and (form == "table" or not output.isatty())


def _with_progress(lines: Iterator[bytes], name: str, total: int | None) -> Iterator[bytes]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield from progress.track(lines, total=total, description=name)
