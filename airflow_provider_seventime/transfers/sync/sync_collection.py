"""Sync of a collection into a table: all records are read and checked before the first row is written."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any, Literal, Protocol

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.dates import format_instant, parse_instant
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.seen_ids import SeenIds
from airflow_provider_seventime.transfers.reading.plan import Mode, Plan, check_mode, plan_read, require_last_modified
from airflow_provider_seventime.transfers.reading.read_parameters import ReadParameters
from airflow_provider_seventime.transfers.reading.read_records import (
    period_of,
    read_min_expected_rows,
    read_records,
    require_rows,
)
from airflow_provider_seventime.transfers.reading.user_filters import check_user_filters
from airflow_provider_seventime.transfers.sync.deleted_rows import DeletedRows

if TYPE_CHECKING:  # SQLAlchemy and the client are loaded when work begins, not when a DAG is parsed
    from sqlalchemy.engine import Engine

    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.api.listing.list_query import ListQuery
    from airflow_provider_seventime.contract.protection import Protection
    from airflow_provider_seventime.warehouse.copy import CollectionCopy

logger = logging.getLogger(__name__)

DIGEST_CHARACTERS = 16
Deletions = Literal["remove", "mark", "keep"]
DELETIONS: tuple[Deletions, ...] = ("remove", "mark", "keep")
SUMMARY = (
    "%(table)s: %(rows_read)d records of %(resource)s read (%(mode)s), %(rows_written)d rows new or changed, "
    "%(rows_deleted)d deleted (deletions: %(deletions)s); %(requests_made)d requests, %(waited_seconds).1f s waited "
    "for the rate limit, %(rejections)d responses 429"
)


class Watermarks(Protocol):
    """Store of the watermark of the newest successful sync."""

    def last(self, sync: str) -> str | None:
        """Return the watermark of the newest success; None: there was none.

        :param sync: digest of what was synced, see :meth:`SyncJob.digest`.
        """

    def keep(self, sync: str, watermark: str) -> None:
        """Store the watermark of a success."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncJob(ReadParameters):
    """Parameters of a sync, beside those of its read.

    :param sql_conn_id: the Airflow connection of the database.
    :param table: ``table`` or ``schema.table``; None: ``seventime_`` and the collection in snake case.
    :param mode: ``full``, ``incremental`` or ``window``; None: the other parameters decide.
    :param deletions: what happens to rows whose record no longer exists: ``remove``, ``mark`` or ``keep``; None:
        ``remove`` in a window and ``keep`` otherwise.
    """

    sql_conn_id: str = ""
    table: str | None = None
    mode: Mode | None = None
    deletions: Deletions | None = None

    def digest(self, base_url: str, table: str, filters: Mapping[str, str], protection: Protection) -> str:
        """Return a short name of what is synced to where; a watermark is valid for one name only.

        :param base_url: of the API.
        :param table: the table's name.
        :param filters: as the API takes them.
        :param protection: of the records.
        """
        identity = [
            [base_url, self.seventime_conn_id, self.resource],
            [self.sql_conn_id, table],
            sorted(filters.items()),
            protection.digest,
        ]
        return hashlib.sha256(exact_json.encode(identity)).hexdigest()[:DIGEST_CHARACTERS]


def _now() -> datetime:
    return datetime.now(UTC)


def sync_collection(
    client: SevenTimeClient,
    engine: Engine,
    job: SyncJob,
    *,
    watermarks: Watermarks | None = None,
    clock: Callable[[], datetime] = _now,
) -> dict[str, Any]:
    """Bring a table up to date and return the manifest.

    :param client: to read from.
    :param engine: of the database; the caller disposes of it.
    :param job: the parameters.
    :param watermarks: store of the newest success; None: none is kept.
    :param clock: returns the present instant, aware.
    :raises ConfigError: the parameters or the table are wrong; nothing was read.
    :raises InvalidRecordError: a filter is wrong; nothing was read.
    :raises WarehouseError: the database failed; whole batches may have been written.
    :raises SevenTimeError: the API could not be read, or returned malformed records; no row was changed.
    """
    from airflow_provider_seventime.warehouse.batches import merge_batches
    from airflow_provider_seventime.warehouse.copy import CollectionCopy
    from airflow_provider_seventime.warehouse.schema.columns import column_name
    from airflow_provider_seventime.warehouse.spool import Spool

    deletions = _check_deletions(job, client.settings.api_version)
    query = check_user_filters(client, job.resource, job.filters)
    protection = client.protection(job.resource, job.exclude_fields, job.hash_fields)
    table = job.table or f"seventime_{column_name(job.resource)}"
    copy = CollectionCopy(engine, table, query.collection, marks_deletions=deletions == "mark")
    copy.check()
    sync = job.digest(client.settings.base_url, table, query.filters, protection)
    plan, is_gapless = _plan(job, query, client.zone, copy, lambda: watermarks.last(sync) if watermarks else None)
    if deletions is None:
        deletions = "remove" if plan.mode == "window" else "keep"
    read_at = clock()
    with Spool() as spool, SeenIds() as read_ids:
        for record in read_records(client, plan, protection):
            row = copy.row_of(record.fields, record.json)
            spool.add(row)
            read_ids.add(row[0])
        require_rows(query.collection, len(read_ids), job.min_expected_rows)
        copy.prepare()
        search = DeletedRows(client, plan, protection=protection, copy=copy, spool=spool)
        deleted_ids, outcome = search.find(read_ids, wanted=deletions != "keep")
        rows_read = len(read_ids)
        rows_written = merge_batches(copy, spool.batches(), read_at)
    rows_deleted = copy.mark_deleted(deleted_ids, read_at) if deletions == "mark" else copy.delete(deleted_ids)
    watermark = format_instant(read_at)
    if watermarks and is_gapless:
        watermarks.keep(sync, watermark)
    manifest = {
        "resource": job.resource,
        "table": table,
        "mode": plan.mode,
        **period_of(plan),
        "rows_read": rows_read,
        "rows_written": rows_written,
        "rows_deleted": rows_deleted,
        "deletions": outcome,
        "requests_made": client.statistics.requests,
        "waited_seconds": round(client.statistics.waited_seconds, 3),
        "rejections": client.statistics.rejections,
        "watermark": watermark,
        "sync": sync if is_gapless else None,
    }
    logger.info(SUMMARY, manifest)
    return manifest


def _check_deletions(job: SyncJob, api_version: int) -> Deletions | None:
    if job.deletions not in (None, *DELETIONS):
        raise ConfigError(f"deletions is {job.deletions!r:.60}, and must be one of {', '.join(DELETIONS)}")
    is_search = job.deletions in ("remove", "mark")
    is_incremental = check_mode(job.mode) == "incremental" or job.modified_since is not None
    if is_search and is_incremental:
        raise ConfigError(
            f"deletions={job.deletions!r} cannot be combined with an incremental read, which does not show deleted "
            "records: read a window (start and end) or all records (mode='full')"
        )
    if is_search and api_version == 1:
        raise ConfigError(
            f"deletions={job.deletions!r} cannot be combined with version 1 of the API, whose lists end after 100 "
            "records: set api_version to 2 in the connection, or deletions='keep'"
        )
    read_min_expected_rows(job.min_expected_rows)
    return job.deletions


def _plan(
    job: SyncJob, query: ListQuery, zone: tzinfo, copy: CollectionCopy, last_watermark: Callable[[], str | None]
) -> tuple[Plan, bool]:
    """Return the plan, and whether the table has every earlier change after the run.

    ``mode='incremental'`` without a time reads what changed since the newest success.
    """
    mode, since, known = job.mode, job.modified_since, None
    if mode == "incremental" or since is not None:
        require_last_modified(query.collection)
        # Changes cannot be added to a table that is new or was emptied.
        known = None if copy.is_empty() else last_watermark()
    if mode == "incremental" and since is None and job.start is None and job.end is None:
        since = known
        if known is None:
            logger.info("%s: no watermark of an earlier success is known; reading all records", query.collection.name)
            mode = "full"
    plan = plan_read(
        query,
        zone,
        mode=mode,
        modified_since=since,
        start=job.start,
        end=job.end,
        overlap_seconds=job.overlap_seconds,
    )
    continues = known is not None and plan.modified_since is not None and plan.modified_since <= parse_instant(known)
    return plan, continues or plan.mode == "full"
