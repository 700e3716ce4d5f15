"""A collection into files: everything is read and written on the worker before the first file is published."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.contract.registry import find_collection
from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.files.partitions import WITHOUT_DATE
from airflow_provider_seventime.transfers.export.atomic_write import publish, target_path
from airflow_provider_seventime.transfers.export.layout import Layout, file_layout, partitioned_layout
from airflow_provider_seventime.transfers.export.storage_errors import storage_errors
from airflow_provider_seventime.transfers.export.write_files import MadeFile, make_file, make_partitions, read_lines
from airflow_provider_seventime.transfers.reading.plan import Plan, plan_sync
from airflow_provider_seventime.transfers.reading.read_parameters import ReadParameters
from airflow_provider_seventime.transfers.reading.read_records import (
    check_min_expected_rows,
    period_of,
    read_records,
    require_rows,
)

if TYPE_CHECKING:
    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.contract.protection import Protection

logger = logging.getLogger(__name__)

SUMMARY = (
    "%(path)s: %(rows_written)d records of %(resource)s written (%(mode)s, %(format)s, %(bytes_written)d bytes, "
    "partitions: %(partitions)s); %(requests_made)d requests, %(waited_seconds).1f s waited for the budget, "
    "%(rejections)d answers 429"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportJob(ReadParameters):
    """Parameters of an export, beside those of its read.

    :param path: of the file, or of the folder of the partitions.
    :param format: ``jsonl``, ``jsonl.gz`` or ``parquet``; None: by the ending of the path, and Parquet in a folder.
    :param partition_by: ``day`` or ``month``; None: one file.
    """

    path: str
    format: str | None = None
    partition_by: str | None = None


def _now() -> datetime:
    return datetime.now(UTC)


def export_collection(
    client: SevenTimeClient, job: ExportJob, *, clock: Callable[[], datetime] = _now
) -> dict[str, Any]:
    """Write a collection and return the manifest.

    :param client: to read from.
    :param job: what is written.
    :param clock: tells the present instant, aware.
    :raises ConfigError: the parameters do not fit together, or the storage refuses for good; nothing was published
        unless the storage refused between two partitions.
    :raises InvalidRecordError: a filter is wrong; nothing was sent.
    :raises WarehouseError: the storage was lost or is full; every file is as it was or as it is to be.
    :raises SevenTimeError: the source could not be read, or answered what it does not promise; nothing was published.
    """
    plan, protection, layout = _decide(client, job)
    read_at = clock()
    as_they_are = not job.exclude_fields and not job.hash_fields
    with storage_errors("the worker's temporary folder (TMPDIR)"), TemporaryDirectory(prefix="seventime-") as folder:
        made = _make(client, plan, protection, layout, Path(folder), as_they_are=as_they_are)
        rows_read = sum(file.rows for file in made)
        require_rows(plan.collection, rows_read, job.min_expected_rows)
        _warn_of_nothing(plan, layout, rows_read)
        bytes_written = sum(file.path.stat().st_size for file in made)
        _publish(layout, made)
    manifest = {
        "resource": job.resource,
        "path": layout.path,
        "format": str(layout.file_format),
        "mode": plan.mode,
        **period_of(plan),
        "rows_read": rows_read,
        "rows_written": rows_read,
        "bytes_written": bytes_written,
        **_partitions(layout, made),
        "requests_made": client.statistics.requests,
        "waited_seconds": round(client.statistics.waited_seconds, 3),
        "rejections": client.statistics.rejections,
        "watermark": format_instant(read_at),
    }
    logger.info(SUMMARY, manifest)
    return manifest


def _decide(client: SevenTimeClient, job: ExportJob) -> tuple[Plan, Protection, Layout]:
    resource = find_collection(job.resource, "list", client.settings.api_version)
    check_min_expected_rows(job.min_expected_rows)
    protection = client.protection(job.resource, job.exclude_fields, job.hash_fields)
    plan = plan_sync(
        resource,
        client.zone,
        modified_since=job.modified_since,
        start=job.start,
        end=job.end,
        filters=job.filters,
        overlap_seconds=job.overlap_seconds,
    )
    if job.partition_by is None:
        return plan, protection, file_layout(job.path, job.format)
    return plan, protection, partitioned_layout(job.path, job.format, job.partition_by, plan=plan, zone=client.zone)


def _make(
    client: SevenTimeClient, plan: Plan, protection: Protection, layout: Layout, folder: Path, *, as_they_are: bool
) -> list[MadeFile]:
    if layout.partitioning is not None:
        records = read_records(client, plan, protection)
        return make_partitions(records, folder, layout.file_format, layout.partitioning, layout.wanted)
    lines = read_lines(client, plan, protection, as_they_are=as_they_are)
    return make_file(lines, folder, layout.file_format, plan.collection)


def _warn_of_nothing(plan: Plan, layout: Layout, rows_read: int) -> None:
    if rows_read == 0 and plan.window is None and layout.wanted:
        logger.warning(
            "%s: nothing was read, and the %d partitions that are there are written empty; set min_expected_rows to "
            "let such a run fail",
            layout.path,
            len(layout.wanted),
        )


def _publish(layout: Layout, made: Sequence[MadeFile]) -> None:
    for file in made:
        target = layout.target(file.partition)
        with storage_errors(f"path: {target}"):
            publish(target_path(target), file.path)


def _partitions(layout: Layout, made: Sequence[MadeFile]) -> dict[str, Any]:
    """Return what the manifest says of partitions: bounded, since a full read may have written thousands."""
    if layout.partitioning is None:
        return dict.fromkeys(("partitions", "first_partition", "last_partition", "rows_without_date"))
    dated = [file.partition for file in made if file.partition != WITHOUT_DATE]
    return {
        "partitions": len(made),
        "first_partition": dated[0] if dated else None,
        "last_partition": dated[-1] if dated else None,
        "rows_without_date": sum(file.rows for file in made if file.partition == WITHOUT_DATE),
    }
