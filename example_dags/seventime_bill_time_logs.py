"""Create one invoice per customer from the month's time logs, and send the invoices.

1. Copy the month's time logs into a table of the warehouse.
2. Add up the hours of each customer that are invoiceable and not yet invoiced. Time logs that cannot be billed are
   named in the task's log, each with the reason.
3. Create one draft invoice per customer. Its reference, for example ``hours-2026-09-1001``, has the month and the
   customer's number, so a repeated run creates no second invoice.
4. Mark the drafts as sent. Seven Time gives them their numbers.
5. Update the asset ``seventime_sent_invoices``. The DAG ``seventime_wait_until_paid`` runs on it, and waits for the
   payments. This DAG does not wait, so an unpaid invoice does not delay the next month.

Hours logged after the month was billed are not invoiced. Bill them by hand, or in another DAG with another reference.

The DAG needs two Airflow connections: ``seventime_default``, with the acting user's id as login, and
``seventime_warehouse``, any SQL database. The parameter ``month`` selects another month.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.common.compat.sdk import (
    AirflowSkipException,
    Asset,
    BaseHook,
    Param,
    TaskGroup,
    dag,
    task,
)

from airflow_provider_seventime.dates import SWEDEN, load_zone, month_before, parse_instant, read_month
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.operators.invoices import CreateInvoiceOperator, UpdateInvoiceOperator
from airflow_provider_seventime.operators.time_logs import SyncTimeLogsOperator

logger = logging.getLogger(__name__)

WAREHOUSE = "seventime_warehouse"
TIME_LOGS = Asset("seventime_time_logs")
SENT_INVOICES = Asset("seventime_sent_invoices")

FIELDS = ("_id", "customer", "timeCategory", "pricePerHour", "invoiceableTime", "isInvoiceable", "isInvoiced")
TIME_LOGS_OF_MONTH = """
    SELECT id, customer, time_category, price_per_hour, invoiceable_time, is_invoiceable, is_invoiced
    FROM seventime_time_logs
    WHERE timestamp >= '{start}' AND timestamp < '{end}'
    ORDER BY timestamp, id
"""


@dag(
    dag_display_name="Seven Time: bill time logs",
    schedule="0 6 1 * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,  # two runs would write the same rows of the warehouse
    params={
        "month": Param(
            None,
            type=["null", "string"],
            pattern=r"^\d{4}-\d{2}$",
            title="Month",
            description="Month to bill, as YYYY-MM. Empty: the month before the run.",
        )
    },
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    doc_md=__doc__,
    tags=["seventime"],
)
def seventime_bill_time_logs() -> None:
    # [START period]
    @task(task_display_name="Choose the month")
    def period(
        params: dict[str, Any], dag_run: Any = None, data_interval_end: datetime | None = None
    ) -> dict[str, str]:
        """Return the month to bill, and its first and last day.

        It is the month before the run's own time, so that a late run bills its month. Airflow 2 has no ``run_after``.
        """
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
        task_display_name="Copy the month's time logs",
        doc_md="Makes the rows of the month in `seventime_time_logs` equal to Seven Time's time logs.",
        sql_conn_id=WAREHOUSE,
        table="seventime_time_logs",
        start=month["first"],
        end=month["end"],
        outlets=[TIME_LOGS],
    )
    # [END sync]

    # [START invoices]
    @task(task_display_name="Add up the hours")
    def hours_to_invoices(period: dict[str, str], synced: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the invoices to create: one for each customer with hours to bill.

        The log names each time log that no invoice bills, with the reason.
        """
        from airflow_provider_seventime.accounting.billed_hours import bill_hours

        hook = SevenTimeHook()
        customers = {customer["_id"]: customer for customer in hook.list("customers")}
        categories = {category["_id"]: category.get("name") or "" for category in hook.list("timeCategories")}
        query = TIME_LOGS_OF_MONTH.format(start=utc_text(synced["start"]), end=utc_text(synced["end"]))
        found = BaseHook.get_connection(WAREHOUSE).get_hook().get_records(query)
        billed = bill_hours(
            (dict(zip(FIELDS, row, strict=True)) for row in found),
            customers=customers,
            categories=categories,
            period=period["month"],
        )
        for left_out in billed.left_out:
            logger.warning("Not billed: %s", left_out)
        if not billed.rows:
            logger.info("There is nothing to bill: no time log of %s can be invoiced", period["month"])
        return [hours_invoice(customers[customer], items, period) for customer, items in billed.rows.items()]

    def utc_text(instant: str) -> str:
        return parse_instant(instant).strftime("%Y-%m-%d %H:%M:%S+00:00")

    def hours_invoice(customer: dict[str, Any], items: list[dict[str, Any]], period: dict[str, str]) -> dict[str, Any]:
        construction = (customer.get("billingSettings") or {}).get("isConstructionCompany") or False
        return {
            "reference": f"hours-{period['month']}-{customer.get('customerNumber') or customer['_id']}",
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

    invoices = hours_to_invoices(month, sync.output)
    with TaskGroup("one_invoice_per_customer", prefix_group_id=False, tooltip="A draft per customer, then sent"):
        create = CreateInvoiceOperator.partial(
            task_id="create_invoice",
            task_display_name="Create a draft",
            doc_md="Creates the draft of one customer, or finds the invoice that an earlier run created.",
        ).expand_kwargs(invoices)
        # [END invoices]

        # [START send]
        @task(task_display_name="Select the drafts", trigger_rule="all_done")
        def drafts(invoices: list[dict[str, Any]] | None) -> list[str]:
            """Return the ids of the drafts. Invoices that are sent or paid already stay as they are.

            A customer whose invoice failed does not delay the others.
            """
            return [invoice["_id"] for invoice in invoices or () if invoice["status"] == "draft"]

        send = UpdateInvoiceOperator.partial(
            task_id="mark_as_sent",
            task_display_name="Mark as sent",
            doc_md="Gives one invoice its number. Nothing is sent to the customer.",
            changes={"invoiceStatus": "sent"},
        ).expand(invoice_id=drafts(create.output))
    # [END send]

    # [START announce]
    # If all invoices exist already there are no drafts, and Airflow skips mark_as_sent.
    @task(task_display_name="Announce the invoices", trigger_rule="none_failed", outlets=[SENT_INVOICES])
    def announce(period: dict[str, str], invoices: list[dict[str, Any]], outlet_events: Any = None) -> int:
        """Update the asset with the ids of the invoices, for the DAG that waits for the payments."""
        ids = [invoice["_id"] for invoice in invoices]
        if not ids:
            raise AirflowSkipException(f"There is nothing to wait for: no invoice was created for {period['month']}")
        # Airflow 2.11 accepts plain values only.
        outlet_events[SENT_INVOICES].extra = {"month": period["month"], "invoices": " ".join(ids)}
        return len(ids)

    send >> announce(month, create.output)
    # [END announce]


seventime_bill_time_logs()
