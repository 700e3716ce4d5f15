"""Copies of collections for the tests, as assets of all kinds, and a DAG that runs when one of them has changed."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from airflow.providers.common.compat.sdk import Asset, AssetAlias, dag, task

from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.operators.time_logs import SyncTimeLogsOperator
from airflow_provider_seventime.transfers.seventime_to_object_storage import SevenTimeToObjectStorageOperator
from airflow_provider_seventime.transfers.seventime_to_sql import SevenTimeToSqlOperator
from airflow_provider_seventime.transfers.windows import windows
from tests.integration.dags.clock_without_waits import ClockWithoutWaits

SevenTimeHook.clock = ClockWithoutWaits()

FOLDER = os.environ.get("SEVENTIME_TEST_FOLDER", "/nowhere")
CUSTOMERS = Asset("seventime_customers")
HOURS = AssetAlias("hours")


@dag(schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC))
def assets_in_airflow() -> None:
    customers, unchanged = (
        SevenTimeToSqlOperator(
            task_id=task_id,
            resource="customers",
            sql_conn_id="warehouse",
            outlets=[CUSTOMERS],
        )
        for task_id in ("customers", "unchanged")
    )
    hours = SyncTimeLogsOperator.partial(task_id="hours", sql_conn_id="warehouse", outlets=[HOURS]).expand_kwargs(
        windows("2026-08-01", "2026-10-01", every="month")
    )
    files = SevenTimeToObjectStorageOperator(
        task_id="files", resource="projects", path=f"{FOLDER}/projects.jsonl", outlets=[AssetAlias("files")]
    )
    refused = SevenTimeToSqlOperator(
        task_id="refused", resource="customers", sql_conn_id="warehouse", mode="window", outlets=[CUSTOMERS]
    )
    customers >> unchanged >> hours >> files >> refused


@dag(schedule=[CUSTOMERS], start_date=datetime(2026, 1, 1, tzinfo=UTC))
def reports_of_customers() -> None:
    @task
    def report(triggering_asset_events: Any = None) -> None:
        for events in triggering_asset_events.values():
            for event in events:
                print(event.extra)  # noqa: T201

    report()


assets_in_airflow()
reports_of_customers()
