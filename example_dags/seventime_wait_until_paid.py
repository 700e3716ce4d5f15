"""Wait until invoices are paid.

The DAG runs when ``seventime_bill_time_logs`` updates the asset ``seventime_sent_invoices``. It waits in the triggerer
for each invoice. Several months may wait at the same time.

To wait for other invoices, run it by hand with their ids in the parameter ``invoices``. The DAG needs the Airflow
connection ``seventime_default``.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from airflow.providers.common.compat.sdk import AirflowSkipException, Asset, Param, dag, task

from airflow_provider_seventime.sensors.invoices import InvoiceStatusSensor

logger = logging.getLogger(__name__)

SENT_INVOICES = Asset("seventime_sent_invoices")


@dag(
    dag_display_name="Seven Time: wait until paid",
    schedule=[SENT_INVOICES],
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    params={
        "invoices": Param(
            [],
            type="array",
            items={"type": "string"},
            title="Invoices",
            description="Ids of further invoices to wait for, one a line. Empty: those of the asset alone.",
        )
    },
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    doc_md=__doc__,
    tags=["seventime"],
)
def seventime_wait_until_paid() -> None:
    # [START ids]
    @task(task_display_name="Read the ids of the invoices")
    def sent_invoices(**context: Any) -> list[str]:
        """Return the ids of the invoices, from the events that started the run and from its parameter."""
        # Airflow 2 has another name for them.
        by_asset = context.get("triggering_asset_events") or context.get("triggering_dataset_events") or {}
        of_events = [event.extra.get("invoices", "") for events in by_asset.values() for event in events]
        ids = [*" ".join(of_events).split(), *context["params"]["invoices"]]
        if not ids:
            raise AirflowSkipException(
                "There is nothing to wait for: no event of seventime_sent_invoices started this run, and the "
                "parameter invoices is empty"
            )
        return list(dict.fromkeys(ids))

    # [END ids]

    # [START wait]
    wait = InvoiceStatusSensor.partial(
        task_id="wait_until_paid",
        task_display_name="Wait for the payment",
        doc_md="Ends when the invoice is paid. Fails when it is obliterated, or not paid after 90 days.",
        target_status="paid",
        deferrable=True,
        # Check again after 5 s, 10 s, 20 s and so on, at most every hour.
        poke_interval=5,
        exponential_backoff=True,
        max_wait=timedelta(hours=1),
        # Longer than any customer's days of payment and a reminder.
        timeout=timedelta(days=90).total_seconds(),
    ).expand(invoice_id=sent_invoices())
    # [END wait]

    @task(task_display_name="Add up the payments")
    def report(paid: list[dict[str, Any]]) -> str:
        """Return the number and the sum of the paid invoices."""
        found = list(paid)
        total = sum((Decimal(invoice["totalAmountInclTax"]) for invoice in found), Decimal(0))
        text = f"{len(found)} invoices are paid, {total} in total"
        logger.info("%s", text)
        return text

    report(wait.output)


seventime_wait_until_paid()
