"""DAG with incremental syncs that store their watermark in XCom or in an asset, and report their manifests."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from airflow.providers.common.compat.sdk import Asset, dag, task

from airflow_provider_seventime.operators.time_logs import SyncTimeLogsOperator
from airflow_provider_seventime.transfers.seventime_to_sql import SevenTimeToSqlOperator

REPORT = Path(os.environ.get("SEVENTIME_TEST_REPORT", "report.json"))
HOURS = Asset("x-warehouse://hours")
PROJECTS = ("p1", "p2")


@dag(schedule="@daily", start_date=datetime(2026, 1, 1, tzinfo=UTC), catchup=False, default_args={"retries": 0})
def watermarks() -> None:
    changes: dict[str, Any] = {"sql_conn_id": "warehouse", "mode": "incremental", "overlap_seconds": 0}
    alone = SyncTimeLogsOperator(task_id="alone", table="alone", **changes)
    with_asset = SyncTimeLogsOperator(task_id="with_asset", table="with_asset", outlets=[HOURS], **changes)
    mapped = SevenTimeToSqlOperator.partial(task_id="mapped", resource="timeLogs", **changes).expand_kwargs(
        [{"table": f"mapped_{project}", "filters": {"project": project}} for project in PROJECTS]
    )

    @task(trigger_rule="all_done")
    def report(ti: Any = None) -> None:
        found = {
            "alone": ti.xcom_pull(task_ids="alone", map_indexes=-1),
            "with_asset": ti.xcom_pull(task_ids="with_asset", map_indexes=-1),
            **{project: ti.xcom_pull(task_ids="mapped", map_indexes=place) for place, project in enumerate(PROJECTS)},
        }
        REPORT.write_text(json.dumps(found))

    [alone, with_asset, mapped] >> report()


watermarks()
