"""Time logs into a table: everything is read and checked before anything is written.

Rows that the source no longer holds are looked for in a window that was read whole, and each of them is confirmed: by a
404 for its id, or, where they are many, by a complete read of the whole collection that does not hold it either. A row
that is found there has moved, out of the window or out of the filter, and is refreshed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.exceptions import NotFoundError, ProtocolError
from airflow_provider_seventime.transfers.sync_plan import OVERLAP_SECONDS, WINDOW_FIELD, Moment, SyncPlan, plan_sync

if TYPE_CHECKING:  # SQLAlchemy and the client are loaded when work begins, not when a DAG is parsed
    from sqlalchemy.engine import Engine

    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.warehouse.copy import CollectionCopy
    from airflow_provider_seventime.warehouse.spool import Spool

logger = logging.getLogger(__name__)

DEFAULT_TABLE = "seventime_time_logs"
BATCH_ROWS = 1_000
MANY_ROWS = 20
SUMMARY = (
    "%(table)s: %(rows_read)d time logs read (%(mode)s), %(rows_written)d rows new or changed, %(rows_deleted)d "
    "deleted (deletions: %(deletions)s); %(requests_made)d requests, %(waited_seconds).1f s waited for the budget, "
    "%(rejections)d answers 429"
)


def _now() -> datetime:
    return datetime.now(UTC)


def sync_time_logs(
    client: SevenTimeClient,
    engine: Engine,
    *,
    table: str = DEFAULT_TABLE,
    modified_since: Moment | None = None,
    start: Moment | None = None,
    end: Moment | None = None,
    filters: Mapping[str, Any] | None = None,
    overlap_seconds: float = OVERLAP_SECONDS,
    clock: Callable[[], datetime] = _now,
) -> dict[str, Any]:
    """Bring a table up to date and return the manifest.

    :param client: to read from.
    :param engine: of the database; the caller disposes of it.
    :param table: ``table`` or ``schema.table``; it is made when it is not there.
    :param modified_since: read what changed since then; None: see ``start``.
    :param start: with ``end``: read the window ``[start, end)`` whole; None, and None for all: read everything.
    :param end: first instant that no longer belongs to the window.
    :param filters: the API's filters beside those for time; None: none.
    :param overlap_seconds: how much earlier than ``modified_since`` the read begins. Defaults to 300.
    :param clock: tells the present instant, aware.
    :raises ConfigError: the parameters or the table are not fit for a sync; nothing was sent.
    :raises InvalidRecordError: a filter is wrong; nothing was sent.
    :raises SevenTimeError: the source could not be read, or answered what it does not promise; no row was changed.
    """
    from airflow_provider_seventime.warehouse.copy import CollectionCopy
    from airflow_provider_seventime.warehouse.spool import Spool

    plan = plan_sync(
        TIME_LOGS,
        client.zone,
        modified_since=modified_since,
        start=start,
        end=end,
        filters=filters,
        overlap_seconds=overlap_seconds,
    )
    copy = CollectionCopy(engine, table, TIME_LOGS)
    copy.check()
    read_at = clock()
    with Spool() as spool:
        read = _read(client, plan, copy, spool)
        copy.prepare()
        gone = _find_gone(client, plan, copy, read, spool)
        written = sum(copy.merge(batch, read_at) for batch in spool.batches(BATCH_ROWS))
    deleted = copy.delete(gone)
    manifest = {
        "table": table,
        "mode": plan.mode,
        "start": _iso(plan.start),
        "end": _iso(plan.end),
        "modified_since": _iso(plan.modified_since),
        "rows_read": len(read),
        "rows_written": written,
        "rows_deleted": deleted,
        "deletions": _deletions(plan),
        "requests_made": client.statistics.requests,
        "waited_seconds": round(client.statistics.waited_seconds, 3),
        "rejections": client.statistics.rejections,
        "watermark": _iso(read_at),
    }
    logger.info(SUMMARY, manifest)
    return manifest


def _read(client: SevenTimeClient, plan: SyncPlan, copy: CollectionCopy, spool: Spool) -> set[str]:
    """Read and check the list, put aside what belongs to the plan, and return its ids."""
    read: set[str] = set()
    for record in client.list(TIME_LOGS.name, plan.query):
        row = copy.row_of(record)
        if plan.covers(row[WINDOW_FIELD]):
            spool.add(record)
            read.add(row["id"])
    return read


def _find_gone(
    client: SevenTimeClient, plan: SyncPlan, copy: CollectionCopy, read: Collection[str], spool: Spool
) -> list[str]:
    """Return the ids of the window's rows that the source no longer has; put aside the records of those that it has."""
    if plan.start is None or plan.end is None:
        return []
    if plan.inexpressible:
        logger.warning(
            "No rows are removed: the table's columns do not tell which of them the filter %s would hold",
            ", ".join(plan.inexpressible),
        )
        return []
    missing = copy.rows_not_read(WINDOW_FIELD, plan.start, plan.end, plan.equal, read)
    if len(missing) > MANY_ROWS:
        return _missing_from_whole_read(client, missing, copy, spool)
    return [record_id for record_id in missing if not _still_there(client, record_id, copy, spool)]


def _still_there(client: SevenTimeClient, record_id: str, copy: CollectionCopy, spool: Spool) -> bool:
    try:
        record = client.get(TIME_LOGS.name, record_id)
    except NotFoundError:
        return False
    if copy.row_of(record)["id"] != record_id:
        raise ProtocolError(f"{TIME_LOGS.name} {record_id!r} was asked for and {record['_id']!r} came; try again later")
    spool.add(record)
    return True


def _missing_from_whole_read(
    client: SevenTimeClient, missing: Collection[str], copy: CollectionCopy, spool: Spool
) -> list[str]:
    # Without any filter: a record that moved to another month or customer is missing from every narrower read.
    gone = set(missing)
    for record in client.list(TIME_LOGS.name):
        record_id = copy.row_of(record)["id"]
        if record_id in gone:
            gone.remove(record_id)
            spool.add(record)
    return sorted(gone)


def _deletions(plan: SyncPlan) -> str:
    if plan.mode != "window":
        return "not asked"
    if plan.inexpressible:
        return f"skipped: the table's columns do not tell what the filter {', '.join(plan.inexpressible)} holds"
    return "done"


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant)
