"""The example DAGs against the sandbox, with everything logged and much going wrong, and the key nowhere.

One Airflow runs the billing DAG twice, then waits for the payments, exports the month, and runs a DAG whose every task
fails. All that the runs print, log and keep in files and databases lands below one folder, and the folder is searched.

Two things are arranged for, because they are Airflow's own doing:

* Airflow 3 asks its supervisor to mask the key. In ``dags test``, where task and supervisor are one process, it logs
  that request at debug level, the key included; a worker logs it without its content. These lines are not kept.
* Airflow encrypts what triggers are given. Without a Fernet key it keeps it as it is, so that it can be searched.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from sqlite3 import connect
from typing import Any

import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS

from airflow_provider_seventime.accounting.sie_reader import read_sie
from airflow_provider_seventime.api.writing.references import references_in
from airflow_provider_seventime.testing import TEST_EXTRA, connection_json, running_sandbox
from tests.conftest import EXAMPLE_DAGS
from tests.integration.airflow_process import AirflowProcess, airflow_process
from tests.integration.key_search import KEY, forms, places

TESTS = Path(__file__).parent
WRONG_KEY = 'wr0ng/K3y+that=is"no\\less&secret%7Athan<it>'
MONTH = "2026-09"
BILL, WAIT, EXPORT = "seventime_bill_time_logs", "seventime_wait_until_paid", "seventime_export_to_accounting"
FAILURES = "failures_in_airflow"
WORD = "asset" if AIRFLOW_V_3_0_PLUS else "dataset"
EVENTS = f"""
    SELECT event.extra FROM {WORD}_event AS event JOIN {WORD} ON {WORD}.id = event.{WORD}_id
    WHERE {WORD}.uri = 'seventime_sent_invoices' ORDER BY event.id
"""
MASKED_BY_AIRFLOW = re.compile(rb"^.*Sending request.*MaskSecret\(.*$", re.MULTILINE)

# Python's switch for printing every request, headers included.
SITECUSTOMIZE = """
import http.client
import pathlib

http.client.HTTPConnection.debuglevel = 1
pathlib.Path(__file__).with_name("switched_on").touch()
"""

FAULTS: list[dict[str, Any]] = [
    {"collection": "timeLogs", "kind": "status", "status": 500, "message": f"Fel vid {KEY}"},
    {"collection": "timeCategories", "kind": "html"},
    {"collection": "customers", "kind": "reset"},
    {"collection": "companyInformation", "kind": "status", "status": 429, "retry_after": 1, "message": KEY},
    {"collection": "invoices", "method": "POST", "kind": "reset", "when": "after"},
    {"collection": "invoices", "method": "PUT", "kind": "status", "status": 503, "message": f"Client-Secret: {KEY}"},
    {"collection": "invoices", "method": "GET", "kind": "cut_json", "when": "after"},
    {"collection": "invoices", "method": "GET", "kind": "redirect", "location": f"https://x.example/?key={KEY}"},
]
ECHOES: list[dict[str, Any]] = [
    {"collection": "projects", "kind": "status", "status": 400, "message": f"{KEY} may not", "times": None},
    {"collection": "invoices", "kind": "status", "status": 403, "message": f"{KEY} may not", "times": None},
]


@dataclass
class Left:
    """Files and results of the runs.

    :param folder: everything that was printed and written.
    :param output: what each run printed, in the order of the runs.
    :param codes: how each run ended.
    :param faults: the faults on order that no request met.
    :param events: extras of the asset of sent invoices.
    :param first: invoices of the DAG after its first run; ``invoices``: all invoices at the end.
    """

    folder: Path
    output: dict[str, str]
    codes: dict[str, int]
    faults: list[dict[str, Any]]
    events: list[dict[str, Any]]
    first: list[dict[str, Any]]
    invoices: list[dict[str, Any]]
    time_logs: list[dict[str, Any]]
    customers: list[dict[str, Any]]

    def names(self, task_id: str) -> list[str]:
        """Return the names of the mapped instances of a task, as the web page shows them."""
        with closing(connect(self.folder / "airflow.db")) as database:
            query = "SELECT rendered_map_index FROM task_instance WHERE task_id = ?"
            return [name for (name,) in database.execute(query, [task_id])]

    def table(self, name: str) -> str:
        """Return the text of a table of Airflow's database."""
        with closing(connect(self.folder / "airflow.db")) as database:
            return str(database.execute(f"SELECT * FROM {name}").fetchall())

    @property
    def made_by_the_dag(self) -> list[dict[str, Any]]:
        return [invoice for invoice in self.invoices if references_in(invoice["notes"])]

    @property
    def billable(self) -> list[dict[str, Any]]:
        """Time logs of September in Sweden that can be billed."""
        return [log for log in self.due if log["customer"] and log["invoiceableTime"] and self._has_price(log)]

    @property
    def due(self) -> list[dict[str, Any]]:
        """Time logs of September in Sweden that are to be billed."""
        return [
            log
            for log in self.time_logs
            if "2026-08-31T22:00" <= log["timestamp"] < "2026-09-30T22:00"
            and log["isInvoiceable"]
            and not log["isInvoiced"]
        ]

    def _has_price(self, log: dict[str, Any]) -> bool:
        return bool(log["timeCategory"] or log.get("pricePerHour"))


@pytest.fixture(scope="module")
def left(airflow_database: str, tmp_path_factory: pytest.TempPathFactory) -> Left:
    folder = tmp_path_factory.mktemp("left")
    shutil.copy(airflow_database.removeprefix("sqlite:///"), folder / "airflow.db")
    (folder / "startup").mkdir()
    (folder / "startup" / "sitecustomize.py").write_text(SITECUSTOMIZE)
    (folder / "dags").mkdir()
    for file in (*EXAMPLE_DAGS.glob("*.py"), TESTS / "dags" / f"{FAILURES}.py"):
        (folder / "dags" / file.name).symlink_to(file)
    codes: dict[str, int] = {}
    with (
        running_sandbox(today=date(2026, 10, 1), pay_after_seconds=2, api_key=KEY, irregular=True) as sandbox,
        port_that_refuses() as port,
        airflow_process(environment_of(folder, connections_to(sandbox, port))) as airflow,
    ):
        if not AIRFLOW_V_3_0_PLUS:  # it makes events of the assets that its database knows
            assert airflow.run(folder / "reserialize.output", "dags", "reserialize") == 0
        sandbox.set_faults(FAULTS)
        month = {"month": MONTH}
        codes["bill"] = run(airflow, folder, "bill", BILL, month)
        first = [invoice for invoice in sandbox.records("invoices") if references_in(invoice["notes"])]
        codes["bill again"] = run(airflow, folder, "bill again", BILL, month)
        events = events_of(folder)
        codes["wait"] = run(airflow, folder, "wait", WAIT, {"invoices": events[-1]["invoices"].split()})
        codes["export"] = run(airflow, folder, "export", EXPORT, month)
        never_met = sandbox.sandbox.faults.pending()
        sandbox.set_faults(ECHOES)
        codes["failures"] = run(airflow, folder, "failures", FAILURES)
        records = [sandbox.records(name) for name in ("invoices", "timeLogs", "customers")]
    output = {name: (folder / f"{name}.output").read_text() for name in codes}
    return Left(folder, output, codes, never_met, events, first, *records)


def events_of(folder: Path) -> list[dict[str, Any]]:
    with closing(connect(folder / "airflow.db")) as database:
        return [json.loads(extra) for (extra,) in database.execute(EVENTS)]


def connections_to(sandbox: Any, port: int) -> dict[str, str]:
    default = json.loads(connection_json(sandbox))
    variants: dict[str, dict[str, Any]] = {
        "default": {},
        "wrong_key": {"password": WRONG_KEY},
        "refused": {"host": f"http://127.0.0.1:{port}"},
        "malformed": {"extra": TEST_EXTRA | {"page_size": 0}},
    }
    return {f"AIRFLOW_CONN_SEVENTIME_{name.upper()}": json.dumps(default | parts) for name, parts in variants.items()}


def environment_of(folder: Path, connections: dict[str, str]) -> dict[str, str]:
    warehouse = {"conn_type": "sqlite", "host": str(folder / "warehouse.db")}
    return (
        os.environ
        | connections
        | {
            "AIRFLOW_CONN_SEVENTIME_WAREHOUSE": json.dumps(warehouse),
            "AIRFLOW_HOME": str(folder / "airflow"),
            "AIRFLOW_VAR_SEVENTIME_BOOKS": f"file://{folder}",
            "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "dags"),
            "AIRFLOW__CORE__FERNET_KEY": "",
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(TESTS / "failure_plugins"),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / 'airflow.db'}",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "DEBUG",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(folder / "startup"), os.environ.get("PYTHONPATH")])),
            "SEVENTIME_TEST_LEFT": str(folder),
            "TMPDIR": str(folder),
        }
    )


@contextmanager
def port_that_refuses() -> Iterator[int]:
    """Yield a port that is taken and has no listener."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def run(airflow: AirflowProcess, folder: Path, name: str, dag_id: str, conf: dict[str, Any] | None = None) -> int:
    output = folder / f"{name}.output"
    code = airflow.run(output, "dags", "test", dag_id, *(["--conf", json.dumps(conf)] if conf else []))
    output.write_bytes(MASKED_BY_AIRFLOW.sub(b"", output.read_bytes()))
    return code


def test_the_example_dags_came_through_the_faults(left, subtests):
    for name in ("bill", "bill again", "wait", "export"):
        with subtests.test(name):
            assert left.codes[name] == 0, left.output[name][-4000:]
    assert left.faults == []


def test_the_warehouse_holds_the_month(left):
    with closing(connect(left.folder / "warehouse.db")) as warehouse:
        ids = {row[0] for row in warehouse.execute("SELECT id FROM seventime_time_logs")}

    assert ids == {log["_id"] for log in left.time_logs if "2026-08-31T22:00" <= log["timestamp"] < "2026-09-30T22:00"}


def test_every_customer_with_billable_hours_gets_one_invoice(left):
    assert sorted(invoice["customer"] for invoice in left.first) == sorted({log["customer"] for log in left.billable})


def test_the_invoices_bill_every_hour(left):
    billed: Any = sum(Decimal(row["numberOfItems"]) for invoice in left.first for row in invoice["invoiceItems"])
    worked = sum(Decimal(log["invoiceableTime"]) for log in left.billable)

    # Each row rounds its hours to two decimals.
    rows = sum(len(invoice["invoiceItems"]) for invoice in left.first)
    assert abs(billed - worked) <= Decimal("0.005") * rows


def test_time_logs_that_cannot_be_billed_are_named(left):
    billable = {log["_id"] for log in left.billable}
    left_out = {log["_id"] for log in left.due} - billable

    assert len(left_out) == 3
    for record_id in left_out:
        assert f"Not billed: timeLogs {record_id}: " in left.output["bill"]
    assert left.output["bill"].count("Not billed: ") == len(left_out)


def test_the_api_prices_hours_without_a_price(left):
    rows = [row for invoice in left.first for row in invoice["invoiceItems"]]
    assert [row["numberOfItems"] for row in rows if row["itemType"] == "general"] == [Decimal("2.13")]
    assert all(row["pricePerHour"] > 0 for row in rows if row["itemType"] == "timeLog")


def test_billing_does_not_wait_and_the_other_dag_waits_for_its_invoices(left):
    ids = sorted(invoice["_id"] for invoice in left.first)

    # Also a second run, which finds all invoices.
    assert [sorted(event["invoices"].split()) for event in left.events] == [ids, ids]
    assert {event["month"] for event in left.events} == {MONTH}
    assert {invoice["invoiceStatus"] for invoice in left.made_by_the_dag} == {3}
    assert all(invoice["invoiceNumber"] and invoice["paymentDate"] for invoice in left.made_by_the_dag)
    assert f"{len(ids)} invoices are paid, " in left.output["wait"]


def test_mapped_tasks_have_names(left):
    assert len(left.names("create_invoice")) == 2 * len(left.first)
    assert all(f"reference hours-{MONTH}-" in name for name in left.names("create_invoice"))
    assert all(left.names("mark_as_sent")[: len(left.first)])
    assert all(left.names("wait_until_paid"))


def test_a_construction_company_is_billed_without_vat(left):
    construction = {
        customer["_id"]
        for customer in left.customers
        if (customer.get("billingSettings") or {}).get("isConstructionCompany")
    }
    taxes = {invoice["customer"]: invoice["totalTaxAmount"] for invoice in left.first}

    assert construction & set(taxes)
    assert {customer for customer, tax in taxes.items() if not tax} == construction & set(taxes)


def test_a_second_run_makes_no_second_set(left):
    assert [invoice["_id"] for invoice in left.made_by_the_dag] == [invoice["_id"] for invoice in left.first]


def test_the_books_hold_every_invoice_of_the_month(left):
    books = read_sie((left.folder / f"FAKT-{MONTH}.SI").read_bytes())
    expected = [
        invoice
        for invoice in left.invoices
        if "2026-08-31T22:00" <= invoice["invoiceDate"] < "2026-09-30T22:00"
        and invoice["invoiceStatus"] in (2, 3)
        and Decimal(invoice["totalAmountInclTax"])
    ]

    assert len(books.vouchers) == len(expected)
    assert {invoice.get("currencyCode") for invoice in expected} == {"SEK", "EUR"}
    assert books.account_totals["1510"] == sum(
        Decimal(invoice["totalAmountInclTax"]) * Decimal(invoice.get("currencyRate") or 1) for invoice in expected
    )
    assert f"{len(expected)} vouchers, {books.account_totals['1510']} SEK receivable" in left.output["export"]


def test_the_key_is_nowhere(left):
    assert places(left.folder, [KEY, WRONG_KEY]) == []


def test_everything_was_logged(left):
    assert (left.folder / "startup" / "switched_on").exists()
    for output in left.output.values():
        assert "Starting new HTTP connection" in output  # urllib3, at debug level
    assert "returned 500: Fel vid ***" in left.output["bill"]
    assert "returned 503: Client-Secret: ***" in left.output["bill"]


def test_every_task_of_the_failing_dag_left_its_error_with_its_variables(left):
    output, tracebacks = left.output["failures"], (left.folder / "tracebacks.txt").read_text()

    assert left.codes["failures"] != 0
    for text in (output, tracebacks):
        assert "returned 401" in text
        assert "returned 400: *** may not" in text
        assert "returned 403: *** may not" in text
        assert "refuses connections" in text
        assert "page_size" in text
    assert "    self = <airflow_provider_seventime.hooks.seventime.SevenTimeHook object" in tracebacks


def test_what_the_tasks_handed_on_was_kept(left):
    assert BILL in left.table("xcom")
    assert BILL in left.table("rendered_task_instance_fields")
    assert "seventime_conn_id" in (left.folder / "triggers.txt").read_text()
    if AIRFLOW_V_3_0_PLUS:  # before, "dags test" ran triggers without a row for them
        assert "seventime_conn_id" in left.table("trigger")


def test_the_search_finds_a_key_in_a_log_of_such_a_run(left, tmp_path, subtests):
    log = left.output["export"].encode()
    (tmp_path / "logs").mkdir()
    for form in sorted(forms(KEY)):
        with subtests.test(form):
            (tmp_path / "logs" / "task.log").write_bytes(log + form + log)
            (found,) = places(tmp_path, [KEY])
            assert found.startswith("logs/task.log: ")


def test_only_airflows_own_lines_are_left_out():
    asked = f"[debug] Sending request loc=supervisor.py msg=MaskSecret(value={KEY!r}, name=None)"
    others = f"[debug] GET Client-Secret: {KEY}\n[debug] Sending request {KEY}\n[info] MaskSecret(value={KEY!r})"

    assert MASKED_BY_AIRFLOW.sub(b"", f"{asked}\n{others}".encode()).decode().strip() == others
