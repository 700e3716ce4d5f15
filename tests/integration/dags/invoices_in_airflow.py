"""A DAG of invoices for the tests: mapped, refused, struck by a passing failure, and waited for.

The last task writes what the others handed on to a file, because XCom looks different in each version of Airflow.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.providers.common.compat.sdk import dag, task

from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.operators.invoices import CreateInvoiceOperator, UpdateInvoiceOperator
from airflow_provider_seventime.operators.records import SevenTimeCreateOperator
from airflow_provider_seventime.sensors.invoices import InvoiceStatusSensor
from tests.integration.dags.clock_without_waits import ClockWithoutWaits

REPORT = Path(os.environ.get("SEVENTIME_TEST_REPORT", "report.json"))
CUSTOMERS = os.environ.get("SEVENTIME_TEST_CUSTOMERS", "none").split(",")


SevenTimeHook.clock = ClockWithoutWaits()


@dag(
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    params={"month": "2026-09", "price": 100, "customer": CUSTOMERS[0]},
    default_args={"retries": 2, "retry_delay": timedelta(0)},
)
def invoices_in_airflow() -> None:
    create = CreateInvoiceOperator.partial(task_id="create").expand(
        invoice=[
            {
                "customer": customer,
                "language": "SV",
                "invoiceDate": "{{ params.month }}-30",
                "invoiceStatus": "sent",
                "name": f"{{{{ params.month }}}} nr {place}",
                "invoiceItems": [
                    {"itemType": "general", "name": "Timmar {{ params.month }}", "unitPrice": "{{ params.price }}"}
                ],
            }
            for place, customer in enumerate(CUSTOMERS)
        ]
    )
    wait = InvoiceStatusSensor.partial(task_id="wait", deferrable=True, poke_interval=0.2, timeout=60).expand(
        invoice_id=create.output.map(lambda invoice: invoice["_id"])
    )
    mark = UpdateInvoiceOperator(
        task_id="struck_once",
        invoice_id="{{ ti.xcom_pull(task_ids='create', map_indexes=0)['_id'] }}",
        changes={"marking": "Vecka 40"},
    )
    missing = UpdateInvoiceOperator(
        task_id="refused", invoice_id="511e0a00c0ffee5eed00dead", changes={"invoiceStatus": "sent"}
    )

    visits = SevenTimeCreateOperator.partial(
        task_id="visit", resource="workOrders", record="records/visit.yaml"
    ).expand(reference=["visit {{ params.month }}"])

    @task(trigger_rule="all_done")
    def report(ti: Any = None) -> None:
        places = range(len(CUSTOMERS))
        handed_on = {
            name: [ti.xcom_pull(task_ids=name, map_indexes=place) for place in places] for name in ("create", "wait")
        }
        handed_on |= {name: ti.xcom_pull(task_ids=name) for name in ("struck_once", "refused")}
        REPORT.write_text(json.dumps(handed_on))

    wait >> mark
    [mark, missing, visits] >> report()


invoices_in_airflow()
