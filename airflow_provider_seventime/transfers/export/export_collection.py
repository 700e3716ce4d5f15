"""Export of a collection to files. All files are written on the worker before the first one is published."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.files.partitions import WITHOUT_DATE
from airflow_provider_seventime.transfers.export.atomic_write import publish, target_path
from airflow_provider_seventime.transfers.export.layout import Layout, file_layout, partitioned_layout
from airflow_provider_seventime.transfers.export.storage_errors import storage_errors
from airflow_provider_seventime.transfers.export.write_files import LocalFile, read_lines, write_file, write_partitions
from airflow_provider_seventime.transfers.reading.plan import Plan, plan_read
from airflow_provider_seventime.transfers.reading.read_parameters import ReadParameters
from airflow_provider_seventime.transfers.reading.read_records import (
    period_of,
    read_min_expected_rows,
    read_records,
    require_rows,
)
from airflow_provider_seventime.transfers.reading.user_filters import check_user_filters

if TYPE_CHECKING:
    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.contract.protection import Protection

logger = logging.getLogger(__name__)

SUMMARY = (
    "%(path)s: %(rows_written)d records of %(resource)s written (%(mode)s, %(format)s, %(bytes_written)d bytes, "
    "partitions: %(partitions)s); %(requests_made)d requests, %(waited_seconds).1f s waited for the rate limit, "
    "%(rejections)d responses 429"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportJob(ReadParameters):
    """Parameters of an export, beside those of its read.

    :param path: path of the file, or of the folder of the partitions.
    :param format: ``jsonl``, ``jsonl.gz`` or ``parquet``; None: the ending of the path decides, or Parquet in a folder.
    :param partition_by: ``day`` or ``month``; None: a single file.
    """

    path: str
    format: str | None = None
    partition_by: str | None = None


def _now() -> datetime:
    return datetime.now(UTC)


def export_collection(
    client: SevenTimeClient, job: ExportJob, *, clock: Callable[[], datetime] = _now
) -> dict[str, Any]:
    """Write a collection to files and return the manifest.

    :param client: client of the source.
    :param job: parameters of the export.
    :param clock: returns the current instant (aware).
    :raises ConfigError: the parameters do not fit together, or the storage refuses permanently. No file is published,
        unless the storage refuses between two partitions.
    :raises InvalidRecordError: a filter is wrong; no request is sent.
    :raises WarehouseError: the storage is full or the connection is lost. Each file is either unchanged or complete.
    :raises SevenTimeError: the records cannot be read; no file is published.
    """
    plan, protection, layout = _prepare(client, job)
    read_at = clock()
    unprotected = not job.exclude_fields and not job.hash_fields
    with storage_errors("the worker's temporary folder (TMPDIR)"), TemporaryDirectory(prefix="seventime-") as folder:
        files = _write(client, plan, protection, layout, Path(folder), unprotected=unprotected)
        rows_read = sum(file.rows for file in files)
        require_rows(plan.collection, rows_read, job.min_expected_rows)
        _warn_if_empty(plan, layout, rows_read)
        bytes_written = sum(file.path.stat().st_size for file in files)
        _publish(layout, files)
    manifest = {
        "resource": job.resource,
        "path": layout.path,
        "format": str(layout.file_format),
        "mode": plan.mode,
        **period_of(plan),
        "rows_read": rows_read,
        "rows_written": rows_read,
        "bytes_written": bytes_written,
        **_partitions(layout, files),
        "requests_made": client.statistics.requests,
        "waited_seconds": round(client.statistics.waited_seconds, 3),
        "rejections": client.statistics.rejections,
        "watermark": format_instant(read_at),
    }
    logger.info(SUMMARY, manifest)
    return manifest


def _prepare(client: SevenTimeClient, job: ExportJob) -> tuple[Plan, Protection, Layout]:
    read_min_expected_rows(job.min_expected_rows)
    protection = client.protection(job.resource, job.exclude_fields, job.hash_fields)
    plan = plan_read(
        check_user_filters(client, job.resource, job.filters),
        client.zone,
        modified_since=job.modified_since,
        start=job.start,
        end=job.end,
        overlap_seconds=job.overlap_seconds,
    )
    if job.partition_by is None:
        return plan, protection, file_layout(job.path, job.format)
    return plan, protection, partitioned_layout(job.path, job.format, job.partition_by, plan=plan, zone=client.zone)


def _write(
    client: SevenTimeClient, plan: Plan, protection: Protection, layout: Layout, folder: Path, *, unprotected: bool
) -> list[LocalFile]:
    if layout.partitioning is not None:
        records = read_records(client, plan, protection)
        return write_partitions(records, folder, layout.file_format, layout.partitioning, layout.required)
    lines = read_lines(client, plan, protection, unprotected=unprotected)
    return write_file(lines, folder, layout.file_format, plan.collection)


def _warn_if_empty(plan: Plan, layout: Layout, rows_read: int) -> None:
    if rows_read == 0 and plan.window is None and layout.required:
        logger.warning(
            "%s: no record was read, so the %d existing partitions are replaced by empty ones. Set min_expected_rows "
            "to let such a run fail",
            layout.path,
            len(layout.required),
        )


def _publish(layout: Layout, files: Sequence[LocalFile]) -> None:
    for file in files:
        target = layout.target(file.partition)
        with storage_errors(f"path: {target}"):
            publish(target_path(target), file.path)


def _partitions(layout: Layout, files: Sequence[LocalFile]) -> dict[str, Any]:
    """Return the partitions for the manifest: only their number and range, since there may be thousands."""
    if layout.partitioning is None:
        return dict.fromkeys(("partitions", "first_partition", "last_partition", "rows_without_date"))
    dated = [file.partition for file in files if file.partition != WITHOUT_DATE]
    return {
        "partitions": len(files),
        "first_partition": dated[0] if dated else None,
        "last_partition": dated[-1] if dated else None,
        "rows_without_date": sum(file.rows for file in files if file.partition == WITHOUT_DATE),
    }
