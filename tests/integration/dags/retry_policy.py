"""A DAG whose tasks fail in each of the ways that the retry policy decides about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.providers.common.compat.sdk import dag, task
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_3_PLUS

from airflow_provider_seventime.exceptions import SevenTimeError
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.operators.records import SevenTimeGetOperator
from tests.integration.dags.clock_without_waits import ClockWithoutWaits

MISSING = "511e0a00c0ffee5eed00dead"


def retry_policies() -> None:
    SevenTimeGetOperator(task_id="asked_to_wait", resource="companyInformation")

    @task
    def wrapped() -> int:
        try:
            return SevenTimeHook().count("projects")
        except SevenTimeError as error:
            raise ValueError("the projects were not counted") from error

    @task
    def not_asked_to_wait() -> int:
        return SevenTimeHook().count("customers")

    @task
    def refused() -> str:
        return str(SevenTimeHook().get("invoices", MISSING))

    wrapped()
    not_asked_to_wait()
    refused()


if AIRFLOW_V_3_3_PLUS:
    from airflow_provider_seventime.retry_policy import SevenTimeRetryPolicy

    SevenTimeHook.clock = ClockWithoutWaits()
    dag(
        schedule=None,
        start_date=datetime(2026, 1, 1, tzinfo=UTC),
        default_args={"retries": 2, "retry_delay": timedelta(0), "retry_policy": SevenTimeRetryPolicy()},
    )(retry_policies)()
