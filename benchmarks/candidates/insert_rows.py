"""Airflow's ``insert_rows`` with ``replace``: a thousand rows per transaction."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from benchmarks.candidates.warehouse_rows import BATCH_ROWS, batches, drop_at_exit, table_name
from benchmarks.jobs import WAREHOUSE, Job

NEEDS: tuple[str, ...] = ()


def prepare(job: Job) -> Callable[[], int]:
    """Return the function that runs the job. It writes the same rows to the same table as this provider."""
    from airflow.providers.common.compat.sdk import BaseHook

    from airflow_provider_seventime import exact_json
    from airflow_provider_seventime.contract.registry import COLLECTIONS
    from airflow_provider_seventime.transfers.sync.sql_engine import open_engine
    from airflow_provider_seventime.warehouse.copy import CollectionCopy
    from airflow_provider_seventime.warehouse.rows import RowConverter
    from airflow_provider_seventime.warehouse.values import record_id, typed_value

    collection = COLLECTIONS["timeLogs"]
    engine = ExitStack().enter_context(open_engine(WAREHOUSE))
    drop_at_exit(engine, table_name())
    CollectionCopy(engine, table_name(), collection).prepare()
    hook: Any = BaseHook.get_connection(WAREHOUSE).get_hook()
    records = [record for batch in batches(job) for record in batch]

    def write() -> int:
        rows = (
            (
                record_id(collection, record),
                *(typed_value(collection, record, field, kind) for field, kind in collection.fields.items()),
                exact_json.encode(record).decode(),
            )
            for record in records
        )
        hook.insert_rows(
            table_name(),
            rows,
            target_fields=list(RowConverter(collection).columns),
            commit_every=BATCH_ROWS,
            replace=True,
            replace_index="id",
        )
        return job.records

    if job.again:
        write()
    return write
