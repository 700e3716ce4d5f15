"""Local files of an export. All records are read and written on the worker before the first file is published."""

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
    """File for writing records. It is complete when its ``with`` block ends."""

    def add_all(self, lines: Iterable[bytes]) -> int:
        """Append records and return their number.

        :param lines: JSON of each record, without a line end.
        """


@dataclass(frozen=True, slots=True)
class LocalFile:
    """Complete file on the worker.

    :param path: local path.
    :param rows: number of records in it.
    :param partition: its partition; None: it has all records that were read.
    """

    path: Path
    rows: int
    partition: str | None = None


def read_lines(client: SevenTimeClient, plan: Plan, protection: Protection, *, unprotected: bool) -> Iterator[bytes]:
    """Yield the records of a plan as JSON.

    :param client: client of the source.
    :param plan: the records to read.
    :param protection: protection of personal data.
    :param unprotected: the protection changes nothing. Without a window the records are then not decoded.
    :raises SevenTimeError: as for :func:`.read_records.read_records`.
    """
    if unprotected and plan.window is None:
        return client.list_json(plan.query, plan.period_filters)
    return (record.json for record in read_records(client, plan, protection))


def write_file(
    lines: Iterable[bytes], folder: Path, file_format: FileFormat, collection: CollectionSpec
) -> list[LocalFile]:
    """Write all records to one file.

    :param lines: JSON of each record.
    :param folder: local folder for the file.
    :param file_format: format of the file.
    :param collection: the collection.
    :raises OSError: the disk is full.
    :raises ProtocolError: a record cannot be decoded.
    """
    return [_write(lines, folder / f"records.{file_format}", file_format, collection)]


def write_partitions(
    records: Iterable[ReadRecord],
    folder: Path,
    file_format: FileFormat,
    partitioning: Partitioning,
    required: Sequence[str],
) -> list[LocalFile]:
    """Write one file for each partition that has records, and an empty one for each required partition without.

    :param records: the records, in any order.
    :param folder: local folder for the files.
    :param file_format: format of the files.
    :param partitioning: assigns records to partitions.
    :param required: partitions that are written in any case.
    :raises OSError: the disk is full.
    :raises ProtocolError: a record cannot be decoded.
    """
    spool = PartitionSpool(folder)
    for record in records:
        spool.add(partitioning.of(record.fields), record.json)
    return [
        _write(spool.take(value), folder / f"{value}.{file_format}", file_format, partitioning.collection, value)
        for value in sorted({*required, *spool.rows})
    ]


def _write(
    lines: Iterable[bytes],
    path: Path,
    file_format: FileFormat,
    collection: CollectionSpec,
    partition: str | None = None,
) -> LocalFile:
    with _open(file_format, path, collection) as file:
        rows = file.add_all(lines)
    return LocalFile(path, rows, partition)


def _open(file_format: FileFormat, path: Path, collection: CollectionSpec) -> AbstractContextManager[RecordFile]:
    if file_format is FileFormat.PARQUET:
        from airflow_provider_seventime.files.parquet import ParquetFile

        return ParquetFile(path, collection)
    from airflow_provider_seventime.files.json_lines import JsonLinesFile

    return JsonLinesFile(path, compressed=file_format is FileFormat.GZIPPED_JSON_LINES)
