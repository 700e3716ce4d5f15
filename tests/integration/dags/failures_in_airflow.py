"""A DAG whose tasks all fail, each on another connection or fault; a plugin keeps their tracebacks."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from airflow.providers.common.compat.sdk import TaskDeferred, dag, task

from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.operators.invoices import CreateInvoiceOperator
from airflow_provider_seventime.operators.records import SevenTimeGetOperator
from airflow_provider_seventime.sensors.invoices import InvoiceStatusSensor
from tests.integration.dags.clock_without_waits import ClockWithoutWaits

LEFT = Path(os.environ.get("SEVENTIME_TEST_LEFT", "."))
CONNECTIONS = ("seventime_default", "seventime_wrong_key", "seventime_refused", "seventime_malformed")
MISSING = "511e0a00c0ffee5eed00dead"

SevenTimeHook.clock = ClockWithoutWaits()


def keep(name: str, text: str) -> None:
    with (LEFT / name).open("a", encoding="utf-8") as file:
        file.write(f"{text}\n")


class SensorThatTellsItsTrigger(InvoiceStatusSensor):
    """Writes down what goes to the triggerer: Airflow 2 keeps no row of it in ``dags test``."""

    def execute(self, context: Any) -> dict[str, Any]:
        try:
            return super().execute(context)
        except TaskDeferred as deferral:
            keep("triggers.txt", repr(deferral.trigger.serialize()))
            raise


@dag(
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    default_args={"retries": 0},
)
def failures_in_airflow() -> None:
    @task
    def count(connection: str) -> int:
        return SevenTimeHook(connection).count("projects")

    for connection in CONNECTIONS:
        count.override(task_id=f"count_{connection}")(connection)
        SevenTimeGetOperator(
            task_id=f"get_{connection}", resource="projects", record_id=MISSING, seventime_conn_id=connection
        )
        CreateInvoiceOperator(
            task_id=f"create_{connection}", invoice={"customer": MISSING}, seventime_conn_id=connection
        )
        SensorThatTellsItsTrigger(
            task_id=f"wait_{connection}",
            invoice_id=MISSING,
            deferrable=True,
            poke_interval=0.2,
            timeout=1,
            seventime_conn_id=connection,
        )


failures_in_airflow()
