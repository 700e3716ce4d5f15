"""This provider: records converted to rows and merged into a table by id, as a sync does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime

from benchmarks.candidates.warehouse_rows import batches, drop_at_exit, table_name
from benchmarks.jobs import WAREHOUSE, Job

NEEDS: tuple[str, ...] = ()


def prepare(job: Job) -> Callable[[], int]:
    """Return the function that runs the job."""
    from airflow_provider_seventime import exact_json
    from airflow_provider_seventime.contract.registry import COLLECTIONS
    from airflow_provider_seventime.transfers.sync.sql_engine import open_engine
    from airflow_provider_seventime.warehouse.batches import merge_batches
    from airflow_provider_seventime.warehouse.copy import CollectionCopy

    engine = ExitStack().enter_context(open_engine(WAREHOUSE))
    drop_at_exit(engine, table_name())
    copy = CollectionCopy(engine, table_name(), COLLECTIONS["timeLogs"])
    copy.prepare()
    records = batches(job)

    def write() -> int:
        rows = ([copy.row_of(record, exact_json.encode(record)) for record in batch] for batch in records)
        merge_batches(copy, rows, datetime.now(UTC))
        return job.records

    if job.again:
        write()
    return write
