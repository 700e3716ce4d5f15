"""What Airflow's web page shows of a task: names of mapped instances, links, and records from files."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import DAG

from airflow_provider_seventime.get_provider_info import get_provider_info
from airflow_provider_seventime.hooks.extra_links import ApiDocumentationLink, RecordLink
from airflow_provider_seventime.hooks.seventime_task import MAP_INDEX_TEMPLATE, SevenTimeTask
from airflow_provider_seventime.hooks.task_errors import PermanentTaskError
from airflow_provider_seventime.operators.documents import UploadDocumentOperator
from airflow_provider_seventime.operators.invoices import CreateInvoiceOperator, UpdateInvoiceOperator
from airflow_provider_seventime.operators.records import (
    SevenTimeCreateOperator,
    SevenTimeDeleteOperator,
    SevenTimeGetOperator,
    SevenTimeUpdateOperator,
)
from airflow_provider_seventime.operators.time_logs import SyncTimeLogsOperator
from airflow_provider_seventime.sensors.invoices import InvoiceStatusSensor
from airflow_provider_seventime.sensors.records import RecordStatusSensor
from airflow_provider_seventime.transfers.invoices_to_sie import InvoicesToSieOperator
from airflow_provider_seventime.transfers.seventime_to_object_storage import SevenTimeToObjectStorageOperator
from airflow_provider_seventime.transfers.windows import windows

WEB_URL = "https://app.seventime.se/#/{resource}/{id}"
(WINDOW,) = windows("2026-09-01", "2026-10-01")
TASKS = (
    (
        CreateInvoiceOperator(task_id="a", invoice={"customer": "5fae"}, reference="2026"),
        "reference 2026, customer 5fae",
    ),
    (CreateInvoiceOperator(task_id="a", invoice={"customer": "5fae"}), "customer 5fae"),
    (CreateInvoiceOperator(task_id="a", invoice={}), "invoices"),
    (UpdateInvoiceOperator(task_id="a", invoice_id="5fae", changes={}), "invoices 5fae"),
    (
        SevenTimeCreateOperator(task_id="a", resource="customers", record={"name": "Åsa", "customerNumber": 1001}),
        "customerNumber 1001",
    ),
    (SevenTimeCreateOperator(task_id="a", resource="users", record={"userName": "asa.lind"}), "users"),
    (SevenTimeCreateOperator(task_id="a", resource="workOrders", records=[{}, {}]), "workOrders, 2 records"),
    (SevenTimeUpdateOperator(task_id="a", resource="projects", record_id="5fae", changes={}), "projects 5fae"),
    (SevenTimeDeleteOperator(task_id="a", resource="projects", record_id="5fae"), "projects 5fae"),
    (SevenTimeGetOperator(task_id="a", resource="projects", record_id="5fae"), "projects 5fae"),
    (SevenTimeGetOperator(task_id="a", resource="companyInformation"), "companyInformation"),
    (
        UploadDocumentOperator(task_id="a", path="s3://a/b/4711", entity_type="invoice", entity_id="5fae"),
        "invoice 5fae, file 4711",
    ),
    (InvoiceStatusSensor(task_id="a", invoice_id="5fae"), "invoices 5fae"),
    (RecordStatusSensor(task_id="a", resource="quotes", record_id="5fae", target_status=2), "quotes 5fae"),
    (SyncTimeLogsOperator(task_id="a", sql_conn_id="x"), "timeLogs"),
    (
        SyncTimeLogsOperator(task_id="a", sql_conn_id="x", start=WINDOW["start"], end=WINDOW["end"]),
        "timeLogs, 2026-09-01 to 2026-10-01",
    ),
    (
        SevenTimeToObjectStorageOperator(
            task_id="a", resource="expenses", path="/x.jsonl", start="2026-09-01T06:30:00Z", end="2026-09-02"
        ),
        "expenses, 2026-09-01T06:30 to 2026-09-02",
    ),
    (
        InvoicesToSieOperator(task_id="a", path="file:///books/2026.SI", from_date="2026-09-01", to_date="2026-09-30"),
        "file 2026.SI",
    ),
    (UpdateInvoiceOperator(task_id="a", invoice_id="x" * 999, changes={}), f"invoices {'x' * 190}…"),
)


def test_names(subtests):
    for task, name in TASKS:
        with subtests.test(task=task.task_type, name=name):
            assert task.instance_name == name
            # A DAG with render_template_as_native_obj would make a number of a text such as "4711".
            assert name[0].isalpha()


def test_a_mapped_instance_gets_the_name_and_a_template_of_the_dag_wins(context):
    task = UpdateInvoiceOperator(task_id="a", invoice_id="{{ which }}", changes={})
    for given, index, expected in (
        (None, 0, MAP_INDEX_TEMPLATE),
        ("{{ mine }}", 0, "{{ mine }}"),
        (None, -1, None),
    ):
        rendering: Any = {**context(map_index=index), "which": "5fae", "map_index_template": given}
        task.render_template_fields(rendering)
        assert rendering["map_index_template"] == expected
    assert task.instance_name == "invoices 5fae"


def test_every_task_of_the_package_has_links_that_airflow_knows():
    known = get_provider_info()["extra-links"]

    for task, _ in TASKS:
        assert isinstance(task, SevenTimeTask)
        for link in task.operator_extra_links:
            assert f"{type(link).__module__}.{type(link).__qualname__}" in known


class TestLinks:
    @pytest.fixture
    def links(self, sandbox, connect, context):
        """Return a function that runs a task, and returns the addresses that it pushes and shows."""
        connect(extra={**connect.parts["extra"], "web_url": WEB_URL})

        def run(task, **instance):
            running = context(**instance)
            with suppress(PermanentTaskError):
                task.execute(running)
            shown = {link.xcom_key: link.get_link(task, ti_key=None) for link in task.operator_extra_links}
            assert {key: address for key, address in shown.items() if address} == running["ti"].pushed
            return {key.rpartition("_")[2]: address for key, address in running["ti"].pushed.items()}

        return run

    def test_of_each_kind_of_task(self, subtests, links, sandbox, invoice, tmp_path, warehouse_path):
        known = sandbox.records("invoices")[0]["_id"]
        address = f"https://app.seventime.se/#/invoices/{known}"
        document = tmp_path / "a.pdf"
        document.write_bytes(b"x")
        for task, record in (
            (UpdateInvoiceOperator(task_id="a", invoice_id=known, changes={"marking": "x"}), address),
            (SevenTimeGetOperator(task_id="a", resource="invoices", record_id=f" {known}"), address),
            (InvoiceStatusSensor(task_id="a", invoice_id=known, target_status=[1, 2, 3, 4, 7]), address),
            # The link of a failed task leads to the id that it was given.
            (SevenTimeGetOperator(task_id="a", resource="invoices", record_id="5fae"), address.replace(known, "5fae")),
            (SevenTimeDeleteOperator(task_id="a", resource="invoices", record_id="5fae"), None),
            (SevenTimeCreateOperator(task_id="a", resource="invoices", records=[invoice]), None),
            (SyncTimeLogsOperator(task_id="a", sql_conn_id="warehouse"), None),
            (SevenTimeToObjectStorageOperator(task_id="a", resource="users", path=f"{tmp_path}/u.jsonl"), None),
            (UploadDocumentOperator(task_id="a", path=str(document), entity_type="invoice", entity_id=known), None),
        ):
            with subtests.test(task=task.task_type):
                shown = links(task)
                assert shown.get("RecordLink") == record
                assert shown["ApiDocumentationLink"].startswith("https://docs.seventime.se/")

    def test_of_a_create(self, links, invoice, sandbox):
        before = {record["_id"] for record in sandbox.records("invoices")}

        shown = links(CreateInvoiceOperator(task_id="a", invoice=invoice))

        (created,) = (record["_id"] for record in sandbox.records("invoices") if record["_id"] not in before)
        assert shown["RecordLink"] == f"https://app.seventime.se/#/invoices/{created}"

    def test_without_web_url(self, sandbox, context, links, connect):
        connect()

        assert set(links(SevenTimeGetOperator(task_id="a", resource="projects", record_id="5fae"))) == {
            "ApiDocumentationLink"
        }

    def test_of_a_task_that_has_not_begun_are_in_xcom(self, monkeypatch):
        # The webserver of Airflow 2 has the serialised task, without attributes of the run.
        stored = {
            ("the key", link().xcom_key): f"https://{link.__name__}" for link in (RecordLink, ApiDocumentationLink)
        }
        xcom = SimpleNamespace(get_value=lambda ti_key, key: stored[ti_key, key])
        monkeypatch.setattr("airflow.providers.common.compat.sdk.XCom", xcom)
        serialised: Any = SimpleNamespace()

        assert RecordLink().get_link(serialised, ti_key="the key") == "https://RecordLink"
        assert ApiDocumentationLink().get_link(serialised, ti_key="the key") == "https://ApiDocumentationLink"


class TestRecordsFromFiles:
    @pytest.fixture
    def task(self, tmp_path):
        """Return a function that makes a task of a DAG whose templates are in a folder."""
        (tmp_path / "invoice.json").write_text('{"customer": "{{ who }}", "taxPercent": 25.00}')
        (tmp_path / "visit.yaml").write_text("title: '{{ who }}'\nreference.json: visit.yaml\n")

        def make(kind, **arguments):
            with DAG("billing", schedule=None, template_searchpath=str(tmp_path)):
                return kind(task_id="create", **arguments)

        return make

    def test_are_read_and_rendered(self, task, context):
        rendering = {**context(), "who": "5fae", "name": "invoice"}
        invoice = task(CreateInvoiceOperator, invoice="{{ name }}.json", reference="invoice.json")
        visit = task(SevenTimeCreateOperator, resource="workOrders", record="visit.yaml")

        invoice.render_template_fields(rendering)
        visit.render_template_fields(rendering)

        assert invoice.invoice == {"customer": "5fae", "taxPercent": Decimal("25.00")}
        # Only the parameter itself names a file: not a reference, and not a value in the record.
        assert invoice.reference == "invoice.json"
        assert visit.record == {"title": "5fae", "reference.json": "visit.yaml"}

    def test_that_are_missing_end_the_task(self, task, context):
        invoice = task(CreateInvoiceOperator, invoice="missing.json")

        with pytest.raises(PermanentTaskError, match=r"the file missing\.json does not exist in"):
            invoice.render_template_fields(context())
