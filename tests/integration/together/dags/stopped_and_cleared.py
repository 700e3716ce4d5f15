"""A batch of invoices that a person stops and clears. Each run names the connection that it uses."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from airflow.providers.common.compat.sdk import DAG

from airflow_provider_seventime.operators.records import SevenTimeCreateOperator

STOPS = Path(os.environ["SEVENTIME_STOPS"])
INVOICES = json.loads(os.environ["SEVENTIME_INVOICES"])


class WatchedCreateOperator(SevenTimeCreateOperator):
    """Operator that notes when Airflow killed it."""

    _stop: Path

    def execute(self, context: Any) -> Any:
        """Create the records."""
        self._stop = STOPS / f"{self.seventime_conn_id}-{context['ti'].try_number}"
        return super().execute(context)

    def on_kill(self) -> None:
        """Note the time, and stop."""
        noted = self._stop.with_suffix(".new")
        noted.write_text(str(time.monotonic()))
        noted.rename(self._stop)
        super().on_kill()


with DAG("stopped_and_cleared", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC), max_active_runs=16):
    WatchedCreateOperator(
        task_id="create",
        resource="invoices",
        records=INVOICES,
        seventime_conn_id="{{ dag_run.conf['conn_id'] }}",
        retries=0,
    )
