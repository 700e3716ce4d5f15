"""Invoices in a DAG run by Airflow: mapping, retries, the triggerer, and what goes to XCom."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_3_PLUS

from airflow_provider_seventime.api.writing.references import references_in
from airflow_provider_seventime.api.writing.write_log import STATE_KEY
from airflow_provider_seventime.sandbox.server import SandboxServer
from airflow_provider_seventime.testing import CONN_ENV, running_sandbox

AIRFLOW = Path(sys.executable).parent / "airflow"
DAGS = Path(__file__).parent / "dags"
ATTEMPTS_OF_A_TRY = 6
WEB_URL = "https://app.seventime.se/#/{resource}/{id}"


@dataclass
class Run:
    """Result of a run of the DAG."""

    customers: list[str]
    invoices: list[dict[str, Any]]
    requests: list[str]
    handed_on: dict[str, Any]
    output: str
    key: str
    work_orders: list[dict[str, Any]]


@contextmanager
def customers_who_pay_after_the_first_look(sandbox: SandboxServer) -> Iterator[None]:
    """Let invoices be paid when a sensor has seen one unpaid: the first has to defer, however slow the machine is."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            if any(e["path"].startswith("/api/2/invoices/") and e["status"] == 200 for e in sandbox.journal()):
                sandbox.pay_after(0)
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


@pytest.fixture(scope="module")
def run(airflow_database: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    report = tmp_path_factory.mktemp("run") / "report.json"
    with (
        running_sandbox(today=date(2026, 10, 1), api_key="kEy-0f-this-t3st-only") as sandbox,
        customers_who_pay_after_the_first_look(sandbox),
    ):
        before = {record["_id"] for name in ("invoices", "workOrders") for record in sandbox.records(name)}
        connection = json.loads(os.environ[CONN_ENV])
        connection["extra"] = {**connection["extra"], "web_url": WEB_URL}
        customers = [customer["_id"] for customer in sandbox.records("customers")[:3]]
        # More than one try makes: the first try of the one PUT fails.
        sandbox.set_faults([{"method": "PUT", "kind": "status", "status": 503, "times": ATTEMPTS_OF_A_TRY}])
        ended = subprocess.run(
            [str(AIRFLOW), "dags", "test", "invoices_in_airflow"],
            env=os.environ
            | {
                "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
                "SEVENTIME_TEST_REPORT": str(report),
                "SEVENTIME_TEST_CUSTOMERS": ",".join(customers),
                CONN_ENV: json.dumps(connection),
            },
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        output = ended.stdout + ended.stderr
        assert report.exists(), output[-6000:]
        return Run(
            customers=customers,
            invoices=[one for one in sandbox.records("invoices") if one["_id"] not in before],
            requests=[f"{entry['method']} {entry['path']}" for entry in sandbox.journal()],
            handed_on=json.loads(report.read_text()),
            output=output,
            key=sandbox.api_key,
            work_orders=[one for one in sandbox.records("workOrders") if one["_id"] not in before],
        )


@pytest.fixture
def query(airflow_database: str) -> Callable[[str], list[Any]]:
    """Return a function that reads Airflow's database."""

    def read(sql: str) -> list[Any]:
        with closing(sqlite3.connect(airflow_database.removeprefix("sqlite:///"))) as database:
            return database.execute(sql).fetchall()

    return read


def test_one_invoice_per_element(run):
    assert sorted(invoice["customer"] for invoice in run.invoices) == sorted(run.customers)


def test_templates_inside_the_mapped_invoices_are_rendered(run):
    by_customer = {invoice["customer"]: invoice for invoice in run.invoices}

    for place, customer in enumerate(run.customers):
        invoice = by_customer[customer]
        (row,) = invoice["invoiceItems"]
        assert invoice["invoiceName"] == f"2026-09 nr {place}"
        assert invoice["invoiceDate"] == "2026-09-29T22:00:00.000Z"
        assert (row["name"], row["unitPrice"]) == ("Timmar 2026-09", 100)


def test_each_mapped_task_instance_has_a_reference_of_its_own(run):
    references = [references_in(invoice["notes"]) for invoice in run.invoices]

    assert all(len(found) == 1 for found in references)
    assert len(set(references)) == len(run.customers)


def test_what_a_create_hands_on(run):
    by_id = {invoice["_id"]: invoice for invoice in run.invoices}

    for customer, handed_on in zip(run.customers, run.handed_on["create"], strict=True):
        invoice = by_id[handed_on["_id"]]
        assert invoice["customer"] == customer
        assert handed_on == {
            "_id": invoice["_id"],
            "invoiceNumber": invoice["invoiceNumber"],
            "invoiceStatus": 2,
            "status": "sent",
            "totalAmountInclTax": "125",
            "created": True,
            "differs": [],
        }


def test_each_deferred_sensor_hands_on_the_paid_invoice(run):
    assert [handed_on["_id"] for handed_on in run.handed_on["wait"]] == [one["_id"] for one in run.handed_on["create"]]
    assert {handed_on["status"] for handed_on in run.handed_on["wait"]} == {"paid"}
    assert "running trigger in line" in run.output


def test_a_passing_failure_is_tried_again(run):
    invoice = next(one for one in run.invoices if one["_id"] == run.handed_on["create"][0]["_id"])

    assert run.requests.count("PUT /api/2/invoices") == ATTEMPTS_OF_A_TRY + 1
    assert run.handed_on["struck_once"]["changed"] is True
    assert invoice["marking"] == "Vecka 40"


def test_a_permanent_failure_is_not_tried_again(run):
    assert run.requests.count("GET /api/2/invoices/511e0a00c0ffee5eed00dead") == 1
    assert run.handed_on["refused"] is None
    assert "returned 404" in run.output


@pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="tasks remember since Airflow 3.3")
def test_each_task_instance_remembers_the_invoice_that_it_made(run, query):
    rows = query(f"select map_index, value from task_state_store where task_id = 'create' and key = '{STATE_KEY}'")

    remembered = {place: json.loads(value)["_id"] for place, value in rows}
    assert remembered == {place: one["_id"] for place, one in enumerate(run.handed_on["create"])}


def test_a_mapped_record_from_a_file(run):
    (work_order,) = run.work_orders

    assert (work_order["title"], work_order["customer"]) == ("Service 2026-09", run.customers[0])
    assert references_in(work_order["description"]) == ("visit 2026-09",)


def test_mapped_instances_have_names(run, query):
    names = dict(
        query("select task_id || ' ' || map_index, rendered_map_index from task_instance where map_index >= 0")
    )

    (order,) = run.work_orders
    created, waited = run.handed_on["create"][0], run.handed_on["wait"][0]
    customer = next(one["customerNumber"] for one in run.invoices if one["_id"] == created["_id"])
    assert names["create 0"] == (f"number {created['invoiceNumber']}, customer {customer}")
    assert names["wait 0"] == f"number {waited['invoiceNumber']}, invoices {waited['_id']}"
    assert (
        names["visit 0"]
        == f"number {order['workOrderNumber']}, customer {order['customerNumber']}, reference visit 2026-09"
    )


def test_the_links_of_tasks_are_in_xcom(run, query):
    rows = query("select task_id, map_index, key, value from xcom where key like '_link_%'")
    links = {(task, place, key.rpartition("_")[2]): json.loads(value) for task, place, key, value in rows}

    for task in ("create", "wait"):
        for place, one in enumerate(run.handed_on["create"]):
            assert links[task, place, "RecordLink"] == f"https://app.seventime.se/#/invoices/{one['_id']}"
            assert links[task, place, "ApiDocumentationLink"] == "https://docs.seventime.se/#invoices"
    # A failed task has links too.
    assert links["refused", -1, "RecordLink"].endswith("/invoices/511e0a00c0ffee5eed00dead")


def test_the_log_shows_numbers_amounts_and_moves_of_statuses(run):
    one = run.invoices[0]
    facts = f"number {one['invoiceNumber']}, customer {one['customerNumber']}, 125 SEK"

    assert f"invoices {one['_id']} ({facts}, sent) created" in run.output
    assert f"invoices {one['_id']} ({facts}) is paid" in run.output or "sent -> paid" in run.output


def test_the_log_of_a_failed_task_has_short_lines_and_few_frames(run):
    output = run.output.replace("\\n", "\n")

    assert "returned 404" in output
    assert "Connection: seventime_default, http://127.0.0.1:" in output
    assert "tenacity" not in output
    assert "concurrent/futures" not in output


def test_the_key_is_in_no_log(run):
    # Airflow 3.0 shows, in "dags test" alone, the very request to mask a secret.
    lines = [line for line in run.output.splitlines() if "msg=MaskSecret(" not in line]

    assert run.key not in "\n".join(lines)
    assert run.key not in json.dumps(run.handed_on)
