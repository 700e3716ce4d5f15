"""Killed tasks: ``on_kill`` of every operator and sensor stops the client that ``execute`` uses."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import BaseOperator, BaseSensorOperator

import airflow_provider_seventime
from airflow_provider_seventime.exceptions import BatchError, StoppedError
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.hooks.stoppable_task import StoppableTask
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
from airflow_provider_seventime.transfers.seventime_to_sql import SevenTimeToSqlOperator

RECORD_ID = "5f57385dbe6f05476e59e603"
ROW = {"itemType": "general", "name": "Arbete", "numberOfItems": "1", "unitPrice": "500"}
INVOICE = {"customer": RECORD_ID, "language": "SV", "invoiceDate": "2026-09-30", "invoiceItems": [ROW]}
SQL: dict[str, Any] = {"sql_conn_id": "warehouse", "mode": "full"}


@pytest.fixture
def tasks(tmp_path):
    """One task of every operator and sensor."""
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    record: dict[str, Any] = {"task_id": "t", "resource": "invoices", "record_id": RECORD_ID}
    accounts = {"sales_25": 3041}
    return [
        CreateInvoiceOperator(task_id="t", invoice=INVOICE),
        UpdateInvoiceOperator(task_id="t", invoice_id=RECORD_ID, changes={"invoiceStatus": "sent"}),
        SevenTimeCreateOperator(task_id="t", resource="invoices", record=INVOICE),
        SevenTimeUpdateOperator(**record, changes={"notes": "x"}),
        SevenTimeDeleteOperator(**record),
        SevenTimeGetOperator(**record),
        UploadDocumentOperator(task_id="t", path=str(tmp_path / "a.pdf"), entity_type="invoice", entity_id=RECORD_ID),
        SyncTimeLogsOperator(task_id="t", **SQL),
        SevenTimeToSqlOperator(task_id="t", resource="customers", **SQL),
        SevenTimeToObjectStorageOperator(task_id="t", resource="customers", path=str(tmp_path / "out.jsonl")),
        InvoicesToSieOperator(
            task_id="t", path=str(tmp_path / "out.si"), from_date="2026-09-01", to_date="2026-09-30", accounts=accounts
        ),
        InvoiceStatusSensor(task_id="t", invoice_id=RECORD_ID, target_status="paid"),
        InvoiceStatusSensor(task_id="t", invoice_id=RECORD_ID, target_status="paid", deferrable=True),
        RecordStatusSensor(**record, target_status="paid"),
    ]


def operators_of_the_package():
    found = set()
    for module in pkgutil.walk_packages(airflow_provider_seventime.__path__, "airflow_provider_seventime."):
        if module.name.split(".")[1] not in ("operators", "sensors", "transfers"):
            continue
        for _, value in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(value, BaseOperator) and value.__module__.startswith("airflow_provider_seventime."):
                found.add(value)
    return found


def test_every_operator_and_sensor_is_stoppable(tasks):
    operators = operators_of_the_package()
    assert {type(task) for task in tasks} <= operators
    for operator in operators:
        assert issubclass(operator, StoppableTask), operator
        assert operator.on_kill is StoppableTask.on_kill, operator


def test_airflow_gives_no_base_class_a_constructor():
    """With one, the defaults of mapped tasks are filled anew, and ``inlets`` of None ends a task."""
    bases = [one for one in operators_of_the_package() if "def __init__" not in inspect.getsource(one)]
    operators = [one for one in bases if not issubclass(one, BaseSensorOperator)]
    assert len(operators) > 1
    for operator in operators:
        assert "__init__" not in vars(operator), operator


def test_a_task_that_is_killed_before_it_sends_anything_sends_nothing(tasks, sandbox, warehouse_path, context):
    for task in tasks:
        task.on_kill()
        with pytest.raises(StoppedError):
            task.execute(context())
        assert sandbox.journal() == [], task


def test_a_batch_that_is_killed_sends_nothing_more_and_may_be_retried(
    sandbox, clock, context, customer_id, monkeypatch
):
    records = [{**INVOICE, "customer": customer_id, "marking": f"nr {number}"} for number in range(6)]
    task = SevenTimeCreateOperator(task_id="t", resource="invoices", records=records)
    sandbox.set_faults([{"kind": "status", "status": 429, "method": "POST", "retry_after": 7, "times": 1}])

    class KillingClock:
        monotonic = staticmethod(clock.monotonic)

        def sleep(self, seconds):
            clock.sleep(seconds)
            if seconds >= 5:
                task.on_kill()

    monkeypatch.setattr(SevenTimeHook, "clock", KillingClock())
    with pytest.raises(BatchError) as caught:
        task.execute(context())
    assert caught.value.transient
    assert [entry["status"] for entry in sandbox.journal() if entry["method"] == "POST"] == [429]


def test_on_kill_stops_the_client_of_a_block_alone(sandbox):
    task = StoppableTask(task_id="stopped")
    task.seventime_conn_id = "seventime_default"
    with task._open_client() as client:
        task.on_kill()
        with pytest.raises(StoppedError):
            client.count("timeLogs")
    assert sandbox.journal() == []


class TestHookAfterAnError:
    def test_a_client_left_with_an_error_is_replaced(self, sandbox):
        hook = SevenTimeHook()
        with pytest.raises(ValueError, match="by the user"), hook.get_conn() as client:
            raise ValueError("by the user")
        assert hook.get_conn() is not client
        assert hook.count("customers") == len(sandbox.records("customers"))

    def test_a_stopped_client_is_not_replaced(self, sandbox):
        hook = SevenTimeHook()
        hook.get_conn().stop()
        with pytest.raises(StoppedError), hook.get_conn() as client:
            client.count("customers")
        with pytest.raises(StoppedError):
            hook.count("customers")
        assert sandbox.journal() == []
