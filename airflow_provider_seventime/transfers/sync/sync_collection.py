"""A collection into a table: everything is read and checked before anything is written."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.registry import find_collection
from airflow_provider_seventime.dates import format_instant, parse_instant
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.transfers.reading.plan import (
    OVERLAP_SECONDS,
    Mode,
    Moment,
    Plan,
    check_given_filters,
    check_mode,
    plan_sync,
    require_last_modified,
)
from airflow_provider_seventime.transfers.reading.read_records import (
    check_min_expected_rows,
    period_of,
    read_records,
    require_rows,
)
from airflow_provider_seventime.transfers.sync.deleted_rows import DeletedRows

if TYPE_CHECKING:  # SQLAlchemy and the client are loaded when work begins, not when a DAG is parsed
    from sqlalchemy.engine import Engine

    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.contract.protection import Protection
    from airflow_provider_seventime.contract.spec import CollectionSpec
    from airflow_provider_seventime.warehouse.copy import CollectionCopy
    from airflow_provider_seventime.warehouse.spool import Spool

logger = logging.getLogger(__name__)

BATCH_ROWS = 1_000
DIGEST_CHARACTERS = 16
Deletions = Literal["remove", "mark", "keep"]
DELETIONS: tuple[Deletions, ...] = ("remove", "mark", "keep")
SUMMARY = (
    "%(table)s: %(rows_read)d records of %(resource)s read (%(mode)s), %(rows_written)d rows new or changed, "
    "%(rows_deleted)d deleted (deletions: %(deletions)s); %(requests_made)d requests, %(waited_seconds).1f s waited "
    "for the budget, %(rejections)d answers 429"
)


class Watermarks(Protocol):
    """Where the newest success of a sync is kept."""

    def last(self, sync: str) -> str | None:
        """Return the watermark of the newest success; None: there was none.

        :param sync: what was synced, as :attr:`SyncJob.digest` tells it.
        """

    def keep(self, sync: str, watermark: str) -> None:
        """Keep the watermark of a success."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncJob:
    """What is to be synced, as the operator was told.

    :param resource: the API's name of the collection.
    :param table: ``table`` or ``schema.table``; None: ``seventime_`` and the collection in snake case.
    :param mode: ``full``, ``incremental`` or ``window``; None: whichever the rest says.
    :param modified_since: read what changed since then; None: see ``start``.
    :param start: with ``end``: read the window ``[start, end)`` whole.
    :param end: first instant that no longer belongs to the window.
    :param filters: the API's filters beside those for time; None: none.
    :param deletions: ``remove``, ``mark`` or ``keep`` what the source no longer has; None: ``remove`` in a window and
        ``keep`` otherwise.
    :param overlap_seconds: how much earlier than ``modified_since`` the read begins.
    :param min_expected_rows: the fewest records that make sense; None: any number.
    :param exclude_fields: dotted paths of fields that are left out.
    :param hash_fields: dotted paths of fields of which a keyed hash is kept.
    :param source: the connection id of Seven Time, which tells one sync from another.
    :param database: the connection id of the database, likewise.
    """

    resource: str
    table: str | None = None
    mode: Mode | None = None
    modified_since: Moment | None = None
    start: Moment | None = None
    end: Moment | None = None
    filters: Mapping[str, Any] | None = None
    deletions: Deletions | None = None
    overlap_seconds: float = OVERLAP_SECONDS
    min_expected_rows: int | None = None
    exclude_fields: Sequence[str] = ()
    hash_fields: Sequence[str] = ()
    source: str = ""
    database: str = ""

    def digest(self, base_url: str, table: str, filters: Mapping[str, str], protection: Protection) -> str:
        """Return a short name of what is synced where: a watermark of another filter or protection is not this one's.

        :param base_url: of the API.
        :param table: the table's name.
        :param filters: as the API takes them.
        :param protection: of the records.
        """
        told = [
            [base_url, self.source, self.resource],
            [self.database, table],
            sorted(filters.items()),
            protection.digest,
        ]
        return hashlib.sha256(exact_json.encode(told)).hexdigest()[:DIGEST_CHARACTERS]


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
    :param job: what is synced.
    :param watermarks: where the newest success is kept; None: nowhere.
    :param clock: tells the present instant, aware.
    :raises ConfigError: the parameters or the table are not fit for a sync; nothing was sent.
    :raises InvalidRecordError: a filter is wrong; nothing was sent.
    :raises WarehouseError: the database refused or was lost; whole batches may have been written.
    :raises SevenTimeError: the source could not be read, or answered what it does not promise; no row was changed.
    """
    from airflow_provider_seventime.warehouse.batches import merge_batches
    from airflow_provider_seventime.warehouse.copy import CollectionCopy
    from airflow_provider_seventime.warehouse.schema.columns import column_name
    from airflow_provider_seventime.warehouse.spool import Spool

    resource = find_collection(job.resource, "list", client.settings.api_version)
    deletions = _check_deletions(job, client.settings.api_version)
    protection = client.protection(job.resource, job.exclude_fields, job.hash_fields)
    filters = check_given_filters(resource, job.filters, client.zone)
    table = job.table or f"seventime_{column_name(job.resource)}"
    copy = CollectionCopy(engine, table, resource, marks_deletions=deletions == "mark")
    copy.check()
    sync = job.digest(client.settings.base_url, table, filters, protection)
    plan, goes_on = _plan(client, job, resource, copy, lambda: watermarks.last(sync) if watermarks else None)
    if deletions is None:
        deletions = "remove" if plan.mode == "window" else "keep"
    read_at = clock()
    with Spool() as spool:
        read = _read(client, plan, protection, copy, spool)
        require_rows(resource, len(read), job.min_expected_rows)
        copy.prepare()
        search = DeletedRows(client, plan, protection=protection, copy=copy, spool=spool)
        gone, said = search.find(read, wanted=deletions != "keep")
        written = merge_batches(copy, spool.batches(BATCH_ROWS), read_at)
    deleted = copy.mark_deleted(gone, read_at) if deletions == "mark" else copy.delete(gone)
    watermark = format_instant(read_at)
    if watermarks and goes_on:
        watermarks.keep(sync, watermark)
    manifest = {
        "resource": job.resource,
        "table": table,
        "mode": plan.mode,
        **period_of(plan),
        "rows_read": len(read),
        "rows_written": written,
        "rows_deleted": deleted,
        "deletions": said,
        "requests_made": client.statistics.requests,
        "waited_seconds": round(client.statistics.waited_seconds, 3),
        "rejections": client.statistics.rejections,
        "watermark": watermark,
        "sync": sync if goes_on else None,
    }
    logger.info(SUMMARY, manifest)
    return manifest


def _check_deletions(job: SyncJob, api_version: int) -> Deletions | None:
    if job.deletions not in (None, *DELETIONS):
        raise ConfigError(f"deletions is {job.deletions!r:.60}, and must be one of {', '.join(DELETIONS)}")
    asked_for = job.deletions in ("remove", "mark")
    incremental = check_mode(job.mode) == "incremental" or job.modified_since is not None
    if asked_for and incremental:
        raise ConfigError(
            f"deletions={job.deletions!r} does not go with reading what changed: what was deleted is found only by "
            "reading a window (start and end) or everything (mode='full')"
        )
    if asked_for and api_version == 1:
        raise ConfigError(
            f"deletions={job.deletions!r} does not go with version 1 of the API, whose lists end after 100 records "
            "without a word; set api_version to 2 in the connection, or deletions='keep'"
        )
    check_min_expected_rows(job.min_expected_rows)
    return job.deletions


def _plan(
    client: SevenTimeClient,
    job: SyncJob,
    resource: CollectionSpec,
    copy: CollectionCopy,
    last_watermark: Callable[[], str | None],
) -> tuple[Plan, bool]:
    """Return what to read, and whether all that changed before is then in the table.

    With ``mode='incremental'`` and no time given that is what changed since the newest success.
    """
    mode, since, known = job.mode, job.modified_since, None
    if mode == "incremental" or since is not None:
        require_last_modified(resource)
        # A table that was emptied or is new has nothing that changes could be added to.
        known = None if copy.is_empty() else last_watermark()
    if mode == "incremental" and since is None and job.start is None and job.end is None:
        since = known
        if known is None:
            logger.info("%s: no earlier success is known, so everything is read", resource.name)
            mode = "full"
    plan = plan_sync(
        resource,
        client.zone,
        mode=mode,
        modified_since=since,
        start=job.start,
        end=job.end,
        filters=job.filters,
        overlap_seconds=job.overlap_seconds,
    )
    goes_on = known is not None and plan.modified_since is not None and plan.modified_since <= parse_instant(known)
    return plan, goes_on or plan.mode == "full"


def _read(client: SevenTimeClient, plan: Plan, protection: Protection, copy: CollectionCopy, spool: Spool) -> set[str]:
    """Read and check the list, put aside what belongs to the plan, and return its ids."""
    read: set[str] = set()
    for record in read_records(client, plan, protection):
        row = copy.row_of(record)
        spool.add(record)
        read.add(row["id"])
    return read
