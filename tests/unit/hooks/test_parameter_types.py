"""Parameters of a wrong type are refused where the DAG file gives them."""

from __future__ import annotations

import inspect
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import DAG, BaseOperator

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.hooks.parameter_types import KINDS
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

RECORD: dict[str, Any] = {"resource": "workOrders", "record_id": "w"}
# Each class with the parameters that it requires.
CLASSES: dict[type[BaseOperator], dict[str, Any]] = {
    CreateInvoiceOperator: {"invoice": {}},
    UpdateInvoiceOperator: {"invoice_id": "i", "changes": {}},
    SevenTimeGetOperator: RECORD,
    SevenTimeCreateOperator: {"resource": "workOrders", "record": {}},
    SevenTimeUpdateOperator: {**RECORD, "changes": {}},
    SevenTimeDeleteOperator: RECORD,
    UploadDocumentOperator: {"path": "/srv/a.pdf", "entity_type": 200, "entity_id": "w"},
    SyncTimeLogsOperator: {"sql_conn_id": "warehouse"},
    InvoiceStatusSensor: {"invoice_id": "i"},
    RecordStatusSensor: {**RECORD, "target_status": 3},
    InvoicesToSieOperator: {"path": "/srv/a.si", "from_date": "2026-01-01", "to_date": date(2026, 1, 31)},
    SevenTimeToObjectStorageOperator: {"resource": "users", "path": "/srv/users"},
    SevenTimeToSqlOperator: {"resource": "users", "sql_conn_id": "warehouse"},
}
# Parameters that accept anything, or that execute() checks.
NOT_CHECKED = {"records", "target_values", "failed_values", "fiscal_year"}


@pytest.mark.parametrize("operator", CLASSES, ids=lambda operator: operator.__name__)
def test_each_parameter_of_a_wrong_type_is_refused_with_a_sentence(operator, subtests):
    own = set(inspect.signature(operator.__init__).parameters) - {"self", "kwargs", *NOT_CHECKED}
    assert own <= set(KINDS)
    for name in own:
        wrong = b"bytes" if int in KINDS[name].types else 123
        with subtests.test(name), pytest.raises(ConfigError) as caught:
            operator(task_id="copy", **{**CLASSES[operator], name: wrong})
        shown = "123 (int)" if wrong == 123 else "a value of type bytes"
        assert str(caught.value) == (
            "task 'copy' has parameters of a wrong type, correct them in the DAG:\n"
            f"  - {name} must be {KINDS[name].noun}, not {shown}"
        )


@pytest.mark.parametrize("operator", CLASSES, ids=lambda operator: operator.__name__)
def test_templates_and_outputs_of_other_tasks_are_accepted(operator):
    with DAG("accepted", schedule=None):
        before = BaseOperator(task_id="before")
        for number, value in enumerate(("{{ params.x }}", before.output)):
            given: dict[str, Any] = dict.fromkeys(CLASSES[operator], value)
            operator(task_id=f"task_{number}", **given)


def test_values_of_further_types(subtests):
    for number, (name, value, accepted) in enumerate(
        [
            ("filters", {"customer": "c"}, True),
            ("filters", ["customer"], False),
            ("exclude_fields", ("userName",), True),
            ("exclude_fields", {"userName": True}, False),
            ("overlap_seconds", 0, True),
            ("overlap_seconds", True, False),
            ("start", date(2026, 1, 1), True),
            ("start", 20260101, False),
            ("path", Path("/srv/users"), True),
            ("table", None, True),
        ]
    ):
        operator: Any = SevenTimeToObjectStorageOperator if name == "path" else SevenTimeToSqlOperator
        given: dict[str, Any] = {**CLASSES[operator], name: value}
        with subtests.test(f"{name}={value!r}"):
            if accepted:
                operator(task_id=f"task_{number}", **given)
            else:
                with pytest.raises(ConfigError, match=f"- {name} must be "):
                    operator(task_id=f"task_{number}", **given)


def test_a_message_does_not_show_a_record():
    wrong: Any = [{"customerName": "Åke Sjöström"}]
    with pytest.raises(ConfigError) as caught:
        CreateInvoiceOperator(task_id="create", invoice=wrong)

    assert "invoice must be an object with the fields of the record, not a value of type list" in str(caught.value)
    assert "Åke" not in str(caught.value)
