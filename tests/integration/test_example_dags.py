"""The example DAGs, run to success by Airflow's own command against the sandbox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from sqlite3 import connect
from typing import Any

import pytest

from airflow_provider_seventime.accounting.sie_reader import read_sie
from airflow_provider_seventime.api.writing.references import references_in
from airflow_provider_seventime.testing import running_sandbox

MONTH = "2026-09"
AIRFLOW = Path(sys.executable).parent / "airflow"


@pytest.fixture(scope="module")
def month(airflow_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Run the billing DAG twice and the export once; the tests look at what is left."""
    folder = tmp_path_factory.mktemp("month")
    with running_sandbox(today=date(2026, 10, 1), pay_after_seconds=2) as sandbox:
        environment = os.environ | {
            "AIRFLOW_CONN_SEVENTIME_WAREHOUSE": json.dumps(
                {"conn_type": "sqlite", "host": str(folder / "warehouse.db")}
            ),
            "AIRFLOW_VAR_SEVENTIME_BOOKS": f"file://{folder}",
        }
        outputs = [run(environment, "seventime_bill_time_logs")]
        first = made_by_the_dag(sandbox)
        outputs.append(run(environment, "seventime_bill_time_logs"))
        outputs.append(run(environment, "seventime_export_to_accounting"))
        yield {
            "folder": folder,
            "outputs": outputs,
            "first": first,
            "second": made_by_the_dag(sandbox),
            "invoices": sandbox.records("invoices"),
            "time_logs": sandbox.records("timeLogs"),
            "customers": sandbox.records("customers"),
            "key": sandbox.api_key,
        }


def run(environment: dict[str, str], dag_id: str) -> str:
    command = [str(AIRFLOW), "dags", "test", dag_id, "--conf", json.dumps({"month": MONTH})]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    output = ended.stdout + ended.stderr
    assert ended.returncode == 0, output[-4000:]
    return output


def made_by_the_dag(sandbox) -> list[dict[str, Any]]:
    return [invoice for invoice in sandbox.records("invoices") if references_in(invoice["notes"])]


def billable(month: dict[str, Any]) -> list[dict[str, Any]]:
    # September in Sweden, as UTC instants.
    return [
        log
        for log in month["time_logs"]
        if "2026-08-31T22:00" <= log["timestamp"] < "2026-09-30T22:00"
        and log["isInvoiceable"]
        and not log["isInvoiced"]
        and log["customer"]
    ]


def test_the_warehouse_holds_the_month(month):
    with closing(connect(month["folder"] / "warehouse.db")) as warehouse:
        ids = {row[0] for row in warehouse.execute("SELECT id FROM seventime_time_logs")}

    assert ids == {
        log["_id"] for log in month["time_logs"] if "2026-08-31T22:00" <= log["timestamp"] < "2026-09-30T22:00"
    }


def test_every_customer_with_billable_hours_gets_one_invoice(month):
    assert sorted(invoice["customer"] for invoice in month["first"]) == sorted(
        {log["customer"] for log in billable(month)}
    )


def test_the_invoices_bill_every_hour(month):
    billed: Any = sum(Decimal(row["numberOfItems"]) for invoice in month["first"] for row in invoice["invoiceItems"])
    worked = sum(Decimal(log["invoiceableTime"]) for log in billable(month))

    # Each row rounds its hours to two decimals.
    rows = sum(len(invoice["invoiceItems"]) for invoice in month["first"])
    assert abs(billed - worked) <= Decimal("0.005") * rows


def test_the_invoices_are_sent_and_paid(month):
    assert {invoice["invoiceStatus"] for invoice in month["first"]} == {3}
    assert all(invoice["invoiceNumber"] and invoice["paymentDate"] for invoice in month["first"])


def test_a_construction_company_is_billed_without_vat(month):
    construction = {
        customer["_id"] for customer in month["customers"] if customer["billingSettings"]["isConstructionCompany"]
    }
    taxes = {invoice["customer"]: invoice["totalTaxAmount"] for invoice in month["first"]}

    assert construction & set(taxes)
    assert {customer for customer, tax in taxes.items() if not tax} == construction & set(taxes)


def test_a_second_run_makes_no_second_set(month):
    assert month["second"] == month["first"]


def test_the_books_hold_every_invoice_of_the_month(month):
    books = read_sie((month["folder"] / f"FAKT-{MONTH}.SI").read_bytes())
    expected = [
        invoice
        for invoice in month["invoices"]
        if "2026-08-31T22:00" <= invoice["invoiceDate"] < "2026-09-30T22:00" and invoice["invoiceStatus"] in (2, 3)
    ]

    assert len(books.vouchers) == len(expected)
    assert books.account_totals["1510"] == sum(Decimal(invoice["totalAmountInclTax"]) for invoice in expected)


def test_the_key_is_in_no_output(month):
    lines = [line for output in month["outputs"] for line in output.splitlines() if month["key"] in line]

    # Airflow 3.0 itself, and only in `dags test`, shows at debug level what it is asked to mask.
    assert not [line for line in lines if "Sending request" not in line or "MaskSecret(" not in line]
