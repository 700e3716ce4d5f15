"""Export the month's invoices to accounting as one SIE 4I file, and verify the file before it is imported.

1. Write the sent and paid invoices of the month as vouchers on BAS accounts.
2. Read the file again, with a reader that shares no code with the writer, and compare its totals with the invoices'.
3. Wait for a person's approval.

The Airflow variable ``seventime_books`` has the folder of the file, on any object storage. The parameter ``month``
selects another month.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from airflow.providers.common.compat.sdk import ObjectStoragePath, Param, dag, task

from airflow_provider_seventime.dates import SWEDEN, calendar_date, load_zone, month_before, parse_instant, read_month
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.transfers.invoices_to_sie import InvoicesToSieOperator

RECEIVABLES = ("1510", "1513")


@dag(
    schedule="0 7 5 * *",
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
def seventime_export_to_accounting() -> None:
    # [START period]
    @task
    def period(
        params: dict[str, Any], dag_run: Any = None, data_interval_end: datetime | None = None
    ) -> dict[str, str]:
        # The run's own time, not the current time, so that a late run exports its month. Airflow 2 has no run_after.
        due = getattr(dag_run, "run_after", None) or data_interval_end
        month = params["month"] or month_before(due, load_zone(SWEDEN))
        first, last = read_month(month)
        return {"month": month, "first": first.isoformat(), "last": last.isoformat()}

    # [END period]

    # [START export]
    month = period()
    exported = InvoicesToSieOperator(
        task_id="invoices_to_sie",
        path="{{ var.value.get('seventime_books', 'file:///tmp/seventime-books') }}"
        "/FAKT-{{ ti.xcom_pull(task_ids='period')['month'] }}.SI",
        from_date=month["first"],
        to_date=month["last"],
    )
    # [END export]

    # [START check]
    @task
    def check(export: dict[str, Any]) -> dict[str, str]:
        from airflow_provider_seventime.accounting.sie_reader import read_sie

        books = read_sie(ObjectStoragePath(export["path"]).read_bytes())
        booked = sum((books.account_totals.get(account, Decimal(0)) for account in RECEIVABLES), Decimal(0))
        invoices = booked_invoices(export["from_date"], export["to_date"])
        invoiced = sum((signed_total(invoice) for invoice in invoices), Decimal(0))
        if booked != invoiced or len(books.vouchers) != len(invoices):
            raise ValueError(
                f"{export['path']} books {booked} SEK in {len(books.vouchers)} vouchers, Seven Time has {invoiced} SEK "
                f"in {len(invoices)} invoices. Do not import the file"
            )
        return {"path": export["path"], "vouchers": str(len(books.vouchers)), "receivable": str(booked)}

    def booked_invoices(first: str, last: str) -> list[dict[str, Any]]:
        sent, zone = (2, 3, 7), load_zone(SWEDEN)
        return [
            invoice
            for invoice in SevenTimeHook().list("invoices", {"fromInvoiceDate": first, "toInvoiceDate": last})
            if invoice["invoiceStatus"] in sent
            and first <= calendar_date(parse_instant(invoice["invoiceDate"]), zone).isoformat() <= last
        ]

    def signed_total(invoice: dict[str, Any]) -> Decimal:
        total = Decimal(invoice["totalAmountInclTax"])
        return -abs(total) if invoice["isCreditInvoice"] else total

    # [END check]

    # [START approve]
    @task
    def approve(checked: dict[str, str]) -> str:
        """Return the path of the verified file for the import.

        Replace this task by a person's approval. Airflow 3.1 and later have ``ApprovalOperator`` in
        ``airflow.providers.standard.operators.hitl``.
        """
        return checked["path"]

    # [END approve]

    approve(check(exported.output))


seventime_export_to_accounting()
