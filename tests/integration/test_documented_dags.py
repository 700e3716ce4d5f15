"""The DAGs of README.md and docs/tutorial.md, pasted into files and run by one Airflow against the sandbox."""

from __future__ import annotations

import json
import os
import re
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from sqlite3 import connect
from typing import Any

import pytest

from airflow_provider_seventime.accounting.sie_reader import SieFile, read_sie
from airflow_provider_seventime.api.writing.references import references_in
from airflow_provider_seventime.contract.codes import InvoiceStatus
from airflow_provider_seventime.testing import running_sandbox
from tests.conftest import ROOT
from tests.integration.airflow_process import airflow_process

README = (ROOT / "README.md").read_text(encoding="utf-8")
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")


def match(pattern: str, page: str) -> str:
    found = re.search(pattern, page, re.DOTALL)
    assert found is not None, f"the page has no {pattern!r}"
    return found[1]


@dataclass
class Left:
    """What the two DAGs left.

    :param invoices: by reference.
    :param time_logs: number and hours of the tutorial's table.
    :param hours: number of time logs in the README's table.
    :param books: the README's SIE file.
    """

    invoices: dict[str, dict[str, Any]]
    time_logs: tuple[int, float]
    hours: int
    books: SieFile


@pytest.fixture(scope="module")
def left(airflow_database: str, tmp_path_factory: pytest.TempPathFactory) -> Left:
    folder = tmp_path_factory.mktemp("documented")
    (folder / "dags").mkdir()
    # The files of a reader are on this machine's disk, those of the test in its folder.
    month = match(r"```python\n(.*?)```", README).replace("/tmp/", f"{folder}/")
    (folder / "dags" / "seventime_month.py").write_text(month, encoding="utf-8")
    (folder / "dags" / "first_steps.py").write_text(match(r"```python\n(.*?)```", TUTORIAL), encoding="utf-8")
    warehouse = folder / "warehouse.db"
    commands = [
        match(r"airflow (dags test first_steps \S+)", TUTORIAL).split(),
        # A reader's run is of the month before today. The sandbox's today is the tutorial's.
        [*match(r"airflow (dags test seventime_month)\n", README).split(), "2026-10-02"],
    ]
    with running_sandbox(today=date.fromisoformat(match(r"--today (\S+)", TUTORIAL)), pay_after_seconds=1) as sandbox:
        environment = os.environ | {
            "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "dags"),
            "AIRFLOW_CONN_WAREHOUSE": json.dumps({"conn_type": "sqlite", "host": str(warehouse)}),
        }
        counts = []
        with airflow_process(environment) as airflow:
            for command in commands:
                output = folder / f"{command[2]}.output"
                assert airflow.run(output, *command) == 0, output.read_text(errors="replace")[-4000:]
                with closing(connect(warehouse)) as database:
                    query = "SELECT count(*), sum(time) FROM seventime_time_logs"
                    counts.append(database.execute(query).fetchone())
        invoices = {
            reference: invoice
            for invoice in sandbox.records("invoices")
            for reference in references_in(invoice["notes"])
        }
    (file,) = (folder / "seventime").iterdir()
    assert file.name == "FAKT-2026-09-01.SI"
    return Left(invoices, counts[0], counts[1][0], read_sie(file.read_bytes()))


def test_the_tutorial_leaves_what_the_page_says(left):
    rows, hours = left.time_logs

    assert f"{rows} and {hours:.2f}" == match(r"their hours: (\d+ and [\d.]+\d)\.", TUTORIAL)
    assert left.invoices["first-steps"]["invoiceStatus"] == InvoiceStatus.PAID


def test_the_readme_creates_an_invoice_that_is_paid_and_in_the_books_of_its_month(left):
    invoice = left.invoices["retainer-2026-09-01"]

    assert invoice["invoiceDate"] == "2026-09-29T22:00:00.000Z"
    assert invoice["invoiceStatus"] == InvoiceStatus.PAID
    assert any(voucher.text.startswith(f"Faktura {invoice['invoiceNumber']} ") for voucher in left.books.vouchers)
    assert {voucher.date.month for voucher in left.books.vouchers} == {9}


def test_the_readme_copies_the_hours_of_the_month(left):
    assert left.hours == left.time_logs[0]
