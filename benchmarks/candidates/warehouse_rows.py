"""Records for the candidates that write to a database: as the API returns them, decoded before the measurement."""

from __future__ import annotations

import atexit
import os
from typing import Any

from benchmarks.jobs import Job
from benchmarks.records import TimeLogPages

BATCH_ROWS = 1_000


def batches(job: Job) -> list[list[dict[str, Any]]]:
    """Return the records in batches of 1,000, as a sync writes them."""
    from airflow_provider_seventime import exact_json

    pages = TimeLogPages()
    numbers = range(1, -(-job.records // BATCH_ROWS) + 1)
    return [exact_json.decode(pages.page(number, BATCH_ROWS, job.records))["data"] for number in numbers]


def table_name() -> str:
    """Return a table name that only this process uses."""
    return f"seventime_bench_{os.getpid()}"


def drop_at_exit(engine: Any, table: str) -> None:
    """Drop a table when the process exits, after the measurement."""

    def drop() -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
        engine.dispose()

    atexit.register(drop)
