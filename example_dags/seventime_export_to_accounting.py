"""Export the month's invoices to accounting as one SIE 4I file, and verify the file before it is imported.

1. Write the sent and paid invoices of the month as vouchers on BAS accounts.
2. Read the file again, with a reader that shares no code with the writer, and compare each voucher with its invoice.
3. Wait for a person's approval.

The Airflow variable ``seventime_books`` has the folder of the file, on any object storage. The parameter ``month``
selects another month.
"""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

from airflow.providers.common.compat.sdk import AirflowFailException, Asset, ObjectStoragePath, Param, dag, task

from airflow_provider_seventime.dates import SWEDEN, load_zone, month_before, read_month
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.transfers.invoices_to_sie import InvoicesToSieOperator

logger = logging.getLogger(__name__)

BOOKS = Asset("seventime_books")


@dag(
    dag_display_name="Seven Time: export to accounting",
    schedule="0 7 5 * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params={
        "month": Param(
            None,
            type=["null", "string"],
            pattern=r"^\d{4}-\d{2}$",
            title="Month",
            description="Month to export, as YYYY-MM. Empty: the month before the run.",
        )
    },
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    doc_md=__doc__,
    tags=["seventime"],
)
def seventime_export_to_accounting() -> None:
    # [START period]
    @task(task_display_name="Choose the month")
    def period(
        params: dict[str, Any], dag_run: Any = None, data_interval_end: datetime | None = None
    ) -> dict[str, str]:
        """Return the month to export, and its first and last day.

        It is the month before the run's own time, so that a late run exports its month. Airflow 2 has no ``run_after``.
        """
        due = getattr(dag_run, "run_after", None) or data_interval_end
        month = params["month"] or month_before(due, load_zone(SWEDEN))
        first, last = read_month(month)
        return {"month": month, "first": first.isoformat(), "last": last.isoformat()}

    # [END period]

    # [START export]
    month = period()
    exported = InvoicesToSieOperator(
        task_id="invoices_to_sie",
        task_display_name="Write the SIE file",
        doc_md="Writes one balanced voucher for each sent or paid invoice of the month, or no file at all.",
        path="{{ var.value.get('seventime_books', 'file:///tmp/seventime-books') }}"
        "/FAKT-{{ ti.xcom_pull(task_ids='period')['month'] }}.SI",
        from_date=month["first"],
        to_date=month["last"],
        outlets=[BOOKS],
    )
    # [END export]

    # [START check]
    @task(task_display_name="Verify the file")
    def check(export: dict[str, Any]) -> dict[str, str]:
        """Read the file again and compare each of its vouchers with the invoices that Seven Time has now."""
        from airflow_provider_seventime.accounting.export_check import check_export
        from airflow_provider_seventime.accounting.sie_reader import read_sie

        books = read_sie(ObjectStoragePath(export["path"]).read_bytes())
        first, last = date.fromisoformat(export["from_date"]), date.fromisoformat(export["to_date"])
        # The API does not document whether its date filters include the dates given.
        around = {
            "fromInvoiceDate": (first - timedelta(days=1)).isoformat(),
            "toInvoiceDate": (last + timedelta(days=1)).isoformat(),
        }
        checked = check_export(books, SevenTimeHook().list("invoices", around), load_zone(SWEDEN), first, last)
        if checked.problems:
            problems = "\n".join(f"  - {problem}" for problem in checked.problems)
            raise AirflowFailException(f"{export['path']} differs from Seven Time. Do not import it:\n{problems}")
        logger.info("%d vouchers, %s SEK receivable: as in Seven Time", checked.vouchers, checked.receivable)
        return {
            "path": export["path"],
            "vouchers": str(checked.vouchers),
            "receivable": str(checked.receivable),
        }

    # [END check]

    # [START approve]
    @task(task_display_name="Approve")
    def approve(checked: dict[str, str]) -> str:
        """Return the path of the verified file for the import.

        Replace this task by a person's approval. Airflow 3.1 and later have ``ApprovalOperator`` in
        ``airflow.providers.standard.operators.hitl``.
        """
        return checked["path"]

    # [END approve]

    approve(check(exported.output))


seventime_export_to_accounting()
