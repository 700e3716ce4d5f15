"""Years of time logs, once by the month on as many workers as there are, and once in one run."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from airflow.providers.common.compat.sdk import DAG

from airflow_provider_seventime.transfers.seventime_to_sql import SevenTimeToSqlOperator
from airflow_provider_seventime.transfers.windows import windows

PERIOD = windows(os.environ["SEVENTIME_BACKFILL_START"], os.environ["SEVENTIME_BACKFILL_END"], every="month")
# A second try would hide that tasks disturb one another.
ONCE = {"retries": 0}

with DAG("backfill_by_windows", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC), default_args=ONCE):
    SevenTimeToSqlOperator.partial(
        task_id="sync", resource="timeLogs", sql_conn_id="warehouse", table="backfill_by_windows"
    ).expand_kwargs(PERIOD)

with DAG("backfill_in_one_run", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC), default_args=ONCE):
    SevenTimeToSqlOperator(
        task_id="sync", resource="timeLogs", sql_conn_id="warehouse", table="backfill_in_one_run", mode="full"
    )
