"""Sync of a collection into a table: all records are read and checked before the first row is written."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.dates import format_instant
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
from airflow_provider_seventime.transfers.sync.account import check_account_name, find_account
from airflow_provider_seventime.transfers.sync.deleted_rows import DeletedRows

if TYPE_CHECKING:  # SQLAlchemy and the client are loaded when work begins, not when a DAG is parsed
    from sqlalchemy.engine import Engine

    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.api.listing.list_query import ListQuery
    from airflow_provider_seventime.contract.protection import Protection
    from airflow_provider_seventime.warehouse.copies import Account
    from airflow_provider_seventime.warehouse.misfits import OnMisfit
    from airflow_provider_seventime.warehouse.spool import Spool

logger = logging.getLogger(__name__)

DIGEST_CHARACTERS = 16
# The Date of a response has whole seconds, and its way here takes some more.
MOST_SECONDS_AHEAD = timedelta(seconds=60)
FIGURES = (
    "rows_read",
    "rows_written",
    "rows_deleted",
    "rows_older",
    "misfits",
    "deletions",
    "requests_made",
    "waited_seconds",
    "rejections",
)
Deletions = Literal["remove", "mark", "keep"]
DELETIONS: tuple[Deletions, ...] = ("remove", "mark", "keep")
SUMMARY = (
    "%(table)s: %(rows_read)d records of %(resource)s read (%(mode)s), %(rows_written)d rows new or changed, "
    "%(rows_older)d older than the table's, %(rows_deleted)d deleted (deletions: %(deletions)s); %(requests_made)d "
    "requests, %(waited_seconds).1f s waited for the rate limit, %(rejections)d responses 429"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncJob(ReadParameters):
    """Parameters of a sync, beside those of its read.

    :param sql_conn_id: the Airflow connection of the database.
    :param table: ``table`` or ``schema.table``; None: ``seventime_`` and the collection in snake case.
    :param mode: ``full``, ``incremental`` or ``window``; None: the other parameters decide.
    :param deletions: what happens to rows whose record no longer exists: ``remove``, ``mark`` or ``keep``; None:
        ``remove`` in a window and ``keep`` otherwise.
    :param account: value of the column ``account``, for a table of several accounts; None: it has no such column.
    :param on_misfit: ``fail``, or ``null``: write NULL for a value that its column cannot hold.
    :param run_id: of the DAG run, for ``seventime_copies``; empty: none.
    """

    sql_conn_id: str = ""
    table: str | None = None
    mode: Mode | None = None
    deletions: Deletions | None = None
    account: str | None = None
    on_misfit: OnMisfit = "fail"
    run_id: str = ""

    def digest(self, table: str, filters: Mapping[str, str], protection: Protection) -> str:
        """Return a short name of what is synced to where; a watermark is valid for one name only.

        :param table: the table's name.
        :param filters: as the API takes them.
        :param protection: of the records.
        """
        identity = [self.resource, table, self.account, sorted(filters.items()), protection.digest]
        return hashlib.sha256(exact_json.encode(identity)).hexdigest()[:DIGEST_CHARACTERS]


def _now() -> datetime:
    return datetime.now(UTC)


def sync_collection(
    client: SevenTimeClient, engine: Engine, job: SyncJob, *, clock: Callable[[], datetime] = _now
) -> dict[str, Any]:
    """Bring a table up to date and return the manifest.

    :param client: to read from.
    :param engine: of the database; the caller disposes of it.
    :param job: the parameters.
    :param clock: returns the present instant of this machine, aware. It is compared with the server's, and used only if
        no response has a ``Date``.
    :raises ConfigError: the parameters or the table are wrong, or the table is the copy of another collection or
        account; no record was read.
    :raises InvalidRecordError: a filter is wrong; nothing was read.
    :raises WarehouseError: the database failed; whole batches may have been written.
    :raises SevenTimeError: the API could not be read, or returned malformed records; no row was changed.
    """
    return _Sync(client, engine, job, clock).run()


class _Reading(NamedTuple):
    """Instants of a read on the server's clock.

    :param began_at: the latest instant that is surely not after the first request: the watermark.
    :param at: of the first response, in whole seconds: by it readings of two runs are compared.
    """

    began_at: datetime
    at: datetime


class _Sync:
    """One sync: its table, its plan, and the steps in their order."""

    def __init__(self, client: SevenTimeClient, engine: Engine, job: SyncJob, clock: Callable[[], datetime]) -> None:
        from airflow_provider_seventime.warehouse.copies import TableRecord
        from airflow_provider_seventime.warehouse.copy import CollectionCopy
        from airflow_provider_seventime.warehouse.misfits import Misfits
        from airflow_provider_seventime.warehouse.schema.columns import column_name

        self._client = client
        self._job = job
        self._clock = clock
        self._deletions = _check_deletions(job, client.settings.api_version)
        account = check_account_name(job.account)
        self._query = check_user_filters(client, job.resource, job.filters)
        self._protection = client.protection(job.resource, job.exclude_fields, job.hash_fields)
        self._table = job.table or f"seventime_{column_name(job.resource)}"
        self._misfits = Misfits(self._query.collection, _check_on_misfit(job.on_misfit))
        self._protection.collect_misfits(self._misfits.add)
        self._copy = CollectionCopy(
            engine,
            self._table,
            self._query.collection,
            marks_deletions=self._deletions == "mark",
            account=account,
            misfits=self._misfits,
        )
        self._copy.check()
        is_empty = self._copy.is_empty()
        self._record = TableRecord(
            engine,
            self._table,
            self._query.collection,
            key_digest=client.settings.key_digest,
            account_name=account,
            exists=not is_empty or self._copy.exists,
            holds_rows=not is_empty,
        )
        self._sync = job.digest(self._record.name, self._query.filters, self._protection)
        # Changes cannot be added to a table that is new or was emptied.
        self._known = None if is_empty else self._record.watermark(self._sync)
        self._plan, self._is_gapless = _plan(job, self._query, client.zone, self._known)
        self._resets_watermark = False

    def run(self) -> dict[str, Any]:
        """Read and check all records, write them, record the success, and return the manifest."""
        from airflow_provider_seventime.warehouse.spool import Spool

        job = self._job
        account = find_account(self._client, self._record, conn_id=job.seventime_conn_id, name=job.account)
        with Spool() as spool, SeenIds() as read_ids:
            reading = self._read(spool, read_ids)
            if self._known is None or self._known <= reading.began_at + MOST_SECONDS_AHEAD:
                return self._finish(spool, read_ids, reading, account)
        logger.warning(
            "%s: the watermark %s is in the future of Seven Time's clock, so it counts as unknown",
            job.resource,
            self._known,
        )
        self._resets_watermark = True
        self._plan, self._is_gapless = _plan(job, self._query, self._client.zone, None)
        with Spool() as spool, SeenIds() as read_ids:
            reading = self._read(spool, read_ids)
            return self._finish(spool, read_ids, reading, account)

    def _finish(self, spool: Spool, read_ids: SeenIds, reading: _Reading, account: Account) -> dict[str, Any]:
        """Write what was read, record the success, and return the manifest."""
        require_rows(self._query.collection, len(read_ids), self._job.min_expected_rows)
        self._misfits.check()
        self._copy.prepare()
        self._record.claim(account, self._entry(reading, watermark=None))
        manifest = self._write(spool, read_ids, reading)
        entry = self._entry(reading, watermark=reading.began_at if self._is_gapless else None)
        recorded = {name: manifest[name] for name in FIGURES}
        self._record.save(
            account,
            {**entry, "recorded_at": self._server_now(), "run_id": self._job.run_id, **recorded},
            reset_watermark=self._resets_watermark and self._is_gapless,
        )
        logger.info(SUMMARY, manifest)
        return manifest

    def _read(self, spool: Spool, read_ids: SeenIds) -> _Reading:
        """Put all records of the plan into the spool, and return when that was."""
        machine_time, moment = self._clock(), self._client.server_clock.restart()
        for record in read_records(self._client, self._plan, self._protection):
            row = self._copy.row_of(record.fields, record.json)
            spool.add(row)
            read_ids.add(row[0])
        clock = self._client.server_clock
        read_at, began_at = clock.first_date, clock.at(moment)
        if read_at is None or began_at is None:
            logger.warning("The responses of Seven Time have no Date: the clock of this machine is used instead")
            return _Reading(machine_time, machine_time)
        ahead_seconds = (machine_time - began_at).total_seconds()
        if abs(ahead_seconds) > max(self._job.overlap_seconds, MOST_SECONDS_AHEAD.total_seconds()):
            logger.warning(
                "The clock of this machine is %.0f s %s Seven Time's. Watermarks are on Seven Time's clock; times that "
                "Airflow renders, such as data_interval_end, are not",
                abs(ahead_seconds),
                "ahead of" if ahead_seconds > 0 else "behind",
            )
        return _Reading(began_at, read_at)

    def _write(self, spool: Spool, read_ids: SeenIds, reading: _Reading) -> dict[str, Any]:
        """Write the records, remove or mark rows, and return the manifest."""
        from airflow_provider_seventime.warehouse.batches import merge_batches

        plan, client, copy = self._plan, self._client, self._copy
        deletions = self._deletions or ("remove" if plan.mode == "window" else "keep")
        misfits_read = self._misfits.number
        search = DeletedRows(
            client,
            plan,
            protection=self._protection,
            copy=copy,
            spool=spool,
            has_one_filter=self._record.has_one_filter(self._filters),
        )
        removed_ids, outcome = search.find(read_ids, wanted=deletions != "keep", keeps_others=self._deletions is None)
        if self._misfits.number > misfits_read:
            self._misfits.check()
        rows_read = len(read_ids)
        merged = merge_batches(copy, spool.batches(), reading.at)
        marks = deletions == "mark" or (deletions == "keep" and copy.marks_deletions)
        rows_deleted = copy.mark_deleted(removed_ids, reading.at) if marks else copy.delete(removed_ids)
        return {
            "resource": self._job.resource,
            "table": self._table,
            "mode": plan.mode,
            **period_of(plan),
            "rows_read": rows_read,
            "rows_written": merged.written,
            "rows_older": merged.older,
            "rows_deleted": rows_deleted,
            "misfits": self._misfits.number,
            "deletions": outcome,
            "requests_made": client.statistics.requests,
            "waited_seconds": round(client.statistics.waited_seconds, 3),
            "rejections": client.statistics.rejections,
            "watermark": format_instant(reading.began_at),
            "sync": self._sync if self._is_gapless else None,
        }

    def _entry(self, reading: _Reading, *, watermark: datetime | None) -> dict[str, Any]:
        return {
            "sync": self._sync,
            "mode": self._plan.mode,
            "filters": self._filters,
            "protection": self._protection.digest,
            "watermark": watermark,
            "started_at": reading.at,
        }

    @property
    def _filters(self) -> str:
        """The filters as JSON; the value of a protected field is protected here too."""
        specs = self._query.collection.filters
        fields = {name: (specs[name].field or name) if name in specs else name for name in self._query.filters}
        protected = {
            name: self._protection.apply({fields[name]: value}).get(fields[name])
            for name, value in sorted(self._query.filters.items())
        }
        return exact_json.encode(protected).decode()

    def _server_now(self) -> datetime:
        return self._client.server_clock.now() or self._clock()


def _check_on_misfit(given: Any) -> OnMisfit:
    from airflow_provider_seventime.warehouse.misfits import ON_MISFIT

    if given not in ON_MISFIT:
        raise ConfigError(f"on_misfit is {given!r:.60}, and must be one of {', '.join(ON_MISFIT)}")
    checked: OnMisfit = given
    return checked


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


def _plan(job: SyncJob, query: ListQuery, zone: tzinfo, known: datetime | None) -> tuple[Plan, bool]:
    """Return the plan, and whether the table has every earlier change after the run.

    ``mode='incremental'`` without a time reads what changed since the newest success.

    :param known: the watermark of the newest success; None: unknown.
    """
    mode, since = job.mode, job.modified_since
    if mode == "incremental" or since is not None:
        require_last_modified(query.collection)
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
    continues = known is not None and plan.modified_since is not None and plan.modified_since <= known
    return plan, continues or plan.mode == "full"
