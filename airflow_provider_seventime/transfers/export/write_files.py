"""From a plan to whole files on the worker's disk: nothing is published before everything is read and written there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from airflow_provider_seventime.files.file_formats import FileFormat
from airflow_provider_seventime.files.partition_spool import PartitionSpool
from airflow_provider_seventime.files.partitions import Partitioning
from airflow_provider_seventime.transfers.reading.list_reader import ReadRecord
from airflow_provider_seventime.transfers.reading.plan import Plan
from airflow_provider_seventime.transfers.reading.read_records import read_records

if TYPE_CHECKING:
    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.contract.protection import Protection
    from airflow_provider_seventime.contract.spec import CollectionSpec


class RecordFile(Protocol):
    """A file that is being written; it is complete when its ``with`` block has ended."""

    def add_all(self, lines: Iterable[bytes]) -> int:
        """Append records and return their number.

        :param lines: JSON of each record, without a line end.
        """


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file that is complete.

    :param path: on this machine.
    :param rows: records in it.
    :param partition: what it holds; None: everything that was read.
    """

    path: Path
    rows: int
    partition: str | None = None


def read_lines(client: SevenTimeClient, plan: Plan, protection: Protection, *, as_they_are: bool) -> Iterator[bytes]:
    """Yield the records of a plan as JSON.

    :param client: to read from.
    :param plan: what is read.
    :param protection: of the records.
    :param as_they_are: nothing is protected, so that a record need not be looked at unless a window is read.
    :raises SevenTimeError: as for :func:`.source.read_records`.
    """
    if as_they_are and plan.window is None:
        return client.list_json(plan.collection.name, plan.query)
    return (record.json for record in read_records(client, plan, protection))


def make_file(
    lines: Iterable[bytes], folder: Path, file_format: FileFormat, resource: CollectionSpec
) -> list[MadeFile]:
    """Write one file.

    :param lines: the records.
    :param folder: on this machine, to write into.
    :param file_format: how.
    :param resource: the collection.
    :raises OSError: the disk is full.
    :raises ProtocolError: a record cannot be read.
    """
    return [_write(lines, folder / f"records.{file_format}", file_format, resource)]


def make_partitions(
    records: Iterable[ReadRecord],
    folder: Path,
    file_format: FileFormat,
    partitioning: Partitioning,
    wanted: Sequence[str],
) -> list[MadeFile]:
    """Write a file for every partition: those that are wanted, empty where there are no records, and those found.

    :param records: in any order.
    :param folder: on this machine, to write into.
    :param file_format: how.
    :param partitioning: which records belong together.
    :param wanted: partitions that are written in any case.
    :raises OSError: the disk is full.
    :raises ProtocolError: a record cannot be read.
    """
    spool = PartitionSpool(folder)
    for record in records:
        spool.add(partitioning.of(record.fields), record.json)
    return [
        _write(spool.take(value), folder / f"{value}.{file_format}", file_format, partitioning.collection, value)
        for value in sorted({*wanted, *spool.rows})
    ]


def _write(
    lines: Iterable[bytes], path: Path, file_format: FileFormat, resource: CollectionSpec, partition: str | None = None
) -> MadeFile:
    with _begin(file_format, path, resource) as file:
        rows = file.add_all(lines)
    return MadeFile(path, rows, partition)


def _begin(file_format: FileFormat, path: Path, resource: CollectionSpec) -> AbstractContextManager[RecordFile]:
    if file_format is FileFormat.PARQUET:
        from airflow_provider_seventime.files.parquet import ParquetFile

        return ParquetFile(path, resource)
    from airflow_provider_seventime.files.json_lines import JsonLinesFile

    return JsonLinesFile(path, compressed=file_format is FileFormat.GZIPPED_JSON_LINES)
