"""Create one invoice per customer from the month's time logs, and wait until the invoices are paid.

1. Copy the month's time logs into a table of the warehouse.
2. Add up the hours of each customer that are invoiceable and not yet invoiced.
3. Create one draft invoice per customer. Its reference, for example ``hours-2026-09-1001``, has the month and the
   customer's number, so a repeated run creates no second invoice.
4. Mark the drafts as sent. Seven Time gives them their numbers.
5. Wait in the triggerer until each invoice is paid.

Hours logged after the month was billed are not invoiced. Bill them by hand, or in another DAG with another reference.

The DAG needs two Airflow connections: ``seventime_default``, with the acting user's id as login, and
``seventime_warehouse``, any SQL database. The parameter ``month`` selects another month.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from airflow.providers.common.compat.sdk import BaseHook, Param, dag, task

from airflow_provider_seventime.dates import SWEDEN, load_zone, month_before, parse_instant, read_month
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.operators.invoices import CreateInvoiceOperator, UpdateInvoiceOperator
from airflow_provider_seventime.operators.time_logs import SyncTimeLogsOperator
from airflow_provider_seventime.sensors.invoices import InvoiceStatusSensor

WAREHOUSE = "seventime_warehouse"

HOURS_PER_CUSTOMER = """
    SELECT customer, time_category, price_per_hour, SUM(invoiceable_time)
    FROM seventime_time_logs
    WHERE is_invoiceable AND NOT is_invoiced AND customer IS NOT NULL
      AND timestamp >= '{start}' AND timestamp < '{end}'
    GROUP BY customer, time_category, price_per_hour
    ORDER BY customer, time_category, price_per_hour
"""


@dag(
    schedule="0 6 1 * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params={
        "month": Param(
            None, type=["null", "string"], pattern=r"^\d{4}-\d{2}$", description="YYYY-MM; empty: last month"
        )
    },
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    doc_md=__doc__,
    tags=["seventime"],
)
def seventime_bill_time_logs() -> None:
    # [START period]
    @task
    def period(
        params: dict[str, Any], dag_run: Any = None, data_interval_end: datetime | None = None
    ) -> dict[str, str]:
        # The run's own time, not the current time, so that a late run bills its month. Airflow 2 has no run_after.
        due = getattr(dag_run, "run_after", None) or data_interval_end
        month = params["month"] or month_before(due, load_zone(SWEDEN))
        first, last = read_month(month)
        return {
            "month": month,
            "first": first.isoformat(),
            "last": last.isoformat(),
            "end": (last + timedelta(days=1)).isoformat(),
        }

    # [END period]

    # [START sync]
    month = period()
    sync = SyncTimeLogsOperator(
        task_id="sync_time_logs",
        sql_conn_id=WAREHOUSE,
        table="seventime_time_logs",
        start=month["first"],
        end=month["end"],
    )
    # [END sync]

    # [START invoices]
    @task
    def hours_to_invoices(period: dict[str, str], synced: dict[str, Any]) -> list[dict[str, Any]]:
        hook = SevenTimeHook()
        customers = {customer["_id"]: customer for customer in hook.list("customers")}
        categories = {category["_id"]: category["name"] for category in hook.list("timeCategories")}
        hours_query = HOURS_PER_CUSTOMER.format(start=utc_text(synced["start"]), end=utc_text(synced["end"]))
        sums = BaseHook.get_connection(WAREHOUSE).get_hook().get_records(hours_query)
        rows: dict[str, list[dict[str, Any]]] = {}
        for customer, category, price, hours in sums:
            row = {
                "itemType": "timeLog",
                "timeCategory": category,
                "name": f"{categories[category]} {period['month']}",
                "numberOfItems": str(Decimal(str(hours)).quantize(Decimal("0.01"))),
                "unit": "tim",
                "pricePerHour": str(price),
            }
            rows.setdefault(customer, []).append(row)
        return [hours_invoice(customers[customer], items, period) for customer, items in rows.items()]

    def utc_text(instant: str) -> str:
        return parse_instant(instant).strftime("%Y-%m-%d %H:%M:%S+00:00")

    def hours_invoice(customer: dict[str, Any], items: list[dict[str, Any]], period: dict[str, str]) -> dict[str, Any]:
        construction = customer.get("billingSettings", {}).get("isConstructionCompany", False)
        return {
            "reference": f"hours-{period['month']}-{customer['customerNumber']}",
            "invoice": {
                "customer": customer["_id"],
                "language": "SV",
                "name": f"Arbetad tid {period['month']}",
                "invoiceDate": period["last"],
                "invoiceStatus": "draft",
                # Reverse charge: a construction company accounts for the VAT itself.
                "invoiceType": "construction" if construction else "normal",
                "multipleTaxesOnRows": False,
                "taxPercent": 0 if construction else 25,
                "invoiceItems": items,
            },
        }

    create = CreateInvoiceOperator.partial(task_id="create_invoice").expand_kwargs(
        hours_to_invoices(month, sync.output)
    )
    # [END invoices]

    # [START send]
    @task
    def drafts(invoices: list[dict[str, Any]]) -> list[str]:
        return [invoice["_id"] for invoice in invoices if invoice["status"] == "draft"]

    send = UpdateInvoiceOperator.partial(task_id="mark_as_sent", changes={"invoiceStatus": "sent"}).expand(
        invoice_id=drafts(create.output)
    )
    # [END send]

    # [START wait]
    wait = InvoiceStatusSensor.partial(
        task_id="wait_until_paid",
        target_status="paid",
        deferrable=True,
        # Check again after 5 s, 10 s, 20 s and so on, at most every 15 minutes.
        poke_interval=5,
        exponential_backoff=True,
        max_wait=timedelta(minutes=15),
        timeout=timedelta(days=60).total_seconds(),
        # If all invoices exist already there are no drafts, and Airflow skips mark_as_sent.
        trigger_rule="none_failed",
    ).expand(invoice_id=create.output.map(lambda invoice: invoice["_id"]))
    send >> wait
    # [END wait]


seventime_bill_time_logs()
