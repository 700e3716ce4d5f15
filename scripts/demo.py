"""Demo: run three example DAGs in Airflow against the sandbox, and print a report.

``make demo`` runs it. All files are in ``.demo/``, the state of the sandbox too: a second run finds the invoices of the
first one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from sqlite3 import connect
from typing import Any

from local_airflow import ROOT, airflow_environment, run_airflow

from airflow_provider_seventime.accounting.sie_reader import SieFile, read_sie
from airflow_provider_seventime.api.client import SevenTimeClient
from airflow_provider_seventime.api.settings import read_settings
from airflow_provider_seventime.api.writing.references import references_in
from airflow_provider_seventime.contract.codes import InvoiceStatus
from airflow_provider_seventime.dates import SWEDEN, load_zone, parse_instant
from airflow_provider_seventime.sandbox.server import SandboxServer

FOLDER = ROOT / ".demo"
TODAY = date(2026, 10, 1)
MONTH = "2026-09"
# Short enough for a demo.
CUSTOMERS_PAY_AFTER_SECONDS = 6


@dataclass(frozen=True)
class Outcome:
    """Results of the DAGs.

    :param rows: rows in the warehouse.
    :param hours: sum of their hours.
    :param invoices: invoices of the month that the DAG created, in this run or before.
    :param created: number of invoices created in this run.
    :param books: content of the SIE file.
    """

    rows: int
    hours: Decimal
    invoices: list[dict[str, Any]]
    created: int
    books: SieFile


def main() -> None:
    """Run the demo."""
    started = time.monotonic()
    FOLDER.mkdir(exist_ok=True)
    with SandboxServer(
        today=TODAY,
        state_file=FOLDER / "sandbox.json",
        pay_after_seconds=CUSTOMERS_PAY_AFTER_SECONDS,
        irregular=True,
    ) as sandbox:
        environment = airflow_environment(FOLDER, sandbox)
        run_dags(environment, sandbox)
        outcome = read_outcome(sandbox)
    print(report(outcome))
    seconds = time.monotonic() - started
    print(f"\n{seconds:.0f} seconds. Run it again: no invoice is created twice. `make clean` removes everything.")


def run_dags(environment: Mapping[str, str], sandbox: SandboxServer) -> None:
    """Prepare Airflow and run the DAGs. Print a line for each step."""
    month = {"month": MONTH}
    run_step(environment, "Preparing Airflow's database", "db", "migrate")
    run_dag(environment, "Time logs in, invoices out", "seventime_bill_time_logs", month)
    # A scheduler would start this DAG when the first one updates its asset. `airflow dags test` has none.
    ids = [invoice["_id"] for invoice in created_invoices(sandbox)]
    run_dag(environment, "Until they are paid", "seventime_wait_until_paid", {"invoices": ids})
    run_dag(environment, "Into the books", "seventime_export_to_accounting", month)


def run_dag(environment: Mapping[str, str], step: str, dag_id: str, conf: Mapping[str, Any]) -> None:
    """Run a DAG and print a line."""
    run_step(environment, step, "dags", "test", dag_id, "--conf", json.dumps(conf))


def run_step(environment: Mapping[str, str], step: str, *command: str) -> None:
    """Run a command of Airflow and print a line. Its output goes to a log."""
    began = time.monotonic()
    shown = command[:3]
    print(f"{step:<36}", end="", flush=True)
    run_airflow(FOLDER / "logs" / f"{shown[-1]}.log", environment, *command)
    print(f"{time.monotonic() - began:5.0f} s   airflow {' '.join(shown)}", flush=True)


def created_invoices(sandbox: SandboxServer) -> list[dict[str, Any]]:
    """Return the invoices of the month that the DAG created, sorted by number."""
    settings, _ = read_settings(host=sandbox.base_url, password=sandbox.api_key)
    filters = {"fromInvoiceDate": f"{MONTH}-01", "toInvoiceDate": f"{MONTH}-30"}
    with SevenTimeClient(settings) as client:
        found = (invoice for invoice in client.list("invoices", filters) if references_in(invoice["notes"]))
        return sorted(found, key=lambda invoice: str(invoice["invoiceNumber"]))


def read_outcome(sandbox: SandboxServer) -> Outcome:
    """Return the results in the warehouse, in Seven Time and in the SIE file."""
    with closing(connect(FOLDER / "warehouse.db")) as warehouse:
        rows, hours = warehouse.execute("SELECT count(*), sum(time) FROM seventime_time_logs").fetchone()
    responses = [(one["method"], one["path"].rstrip("/"), one["status"]) for one in sandbox.journal()]
    created = responses.count(("POST", "/api/2/invoices", 200))
    books = read_sie((FOLDER / "books" / f"FAKT-{MONTH}.SI").read_bytes())
    return Outcome(rows, Decimal(str(hours)), created_invoices(sandbox), created, books)


def report(outcome: Outcome) -> str:
    """Return the report as text."""
    before = len(outcome.invoices) - outcome.created
    lines = [
        "",
        f"Read        {outcome.rows} time logs of {MONTH}, {outcome.hours:,.2f} hours",
        f"Warehouse   {outcome.rows} rows in the table seventime_time_logs",
        f"Invoices    {outcome.created} created now, {before} before:",
        "",
        f"            {'number':<8}{'customer':<38}{'SEK':>12}   {'status':<8}paid (sandbox time)",
        *(f"            {invoice_line(invoice)}" for invoice in outcome.invoices),
        f"            {'':<8}{'':<38}{sum_of(outcome.invoices):>12,.2f}",
        "",
        f"Books       {len(outcome.books.vouchers)} vouchers of {MONTH} for {outcome.books.company_name}: "
        "every invoice of the month with an amount",
        "",
        *(
            f"            {account}  {outcome.books.accounts[account]:<50}{total:>14,.2f}"
            for account, total in outcome.books.account_totals.items()
        ),
        f"            {'':<6}{'debit and credit in total':<50}{sum(outcome.books.account_totals.values()):>14,.2f}",
        "",
        *(f"{name:<12}{path.relative_to(ROOT)}" for name, path in files().items()),
    ]
    return "\n".join(lines)


def files() -> dict[str, Path]:
    """Return the paths of the files, by description."""
    return {
        "SIE file": FOLDER / "books" / f"FAKT-{MONTH}.SI",
        "Warehouse": FOLDER / "warehouse.db",
        "Seven Time": FOLDER / "sandbox.json",
        "Logs": FOLDER / "logs",
    }


def invoice_line(invoice: Mapping[str, Any]) -> str:
    """Return one row of the table of invoices."""
    status = InvoiceStatus(invoice["invoiceStatus"]).name.lower()
    paid = invoice["paymentDate"]
    shown = f"{parse_instant(paid).astimezone(load_zone(SWEDEN)):%Y-%m-%d %H:%M:%S}" if paid else "not yet"
    total = Decimal(invoice["totalAmountInclTax"])
    return f"{invoice['invoiceNumber']:<8}{invoice['customerName']:<38.37}{total:>12,.2f}   {status:<8}{shown}"


def sum_of(invoices: list[dict[str, Any]]) -> Decimal:
    """Return the sum of the invoices, with tax."""
    return sum((Decimal(invoice["totalAmountInclTax"]) for invoice in invoices), Decimal(0))


if __name__ == "__main__":
    main()
