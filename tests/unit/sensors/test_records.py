"""RecordStatusSensor on statuses and fields of several collections, poking and deferred."""

from __future__ import annotations

import json
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import AirflowSensorTimeout, AirflowSkipException, TaskDeferred

from airflow_provider_seventime.hooks.task_errors import PermanentTaskError
from airflow_provider_seventime.sensors.records import RecordStatusSensor
from tests.unit.sensors.after_checks import CHECKS, after_checks
from tests.unit.sensors.triggerer import through_the_triggerer

MODES = ["poking", "deferred"]
NOON = "2026-10-01T10:00:00.000Z"


@pytest.fixture
def wait(context, sandbox):
    """Run the sensor in one mode: poking in the worker, or deferred with its trigger."""

    def waited(mode, **arguments):
        given = {"task_id": "wait", "poke_interval": 0.02, "timeout": 5, "deferrable": mode == "deferred", **arguments}
        sensor = RecordStatusSensor(**given)
        try:
            return sensor.execute(context())
        except TaskDeferred as deferred:
            event = through_the_triggerer(deferred)
            return sensor.resume_execution(deferred.method_name, {**(deferred.kwargs or {}), "event": event}, context())

    return waited


@pytest.fixture
def put(sandbox):
    """Load a record with these fields into the sandbox, and return the sensor's parameters that name it."""

    def placed(resource, **fields):
        record = {"_id": "5f48eb3e65d7ee4942c46eeb", **fields}
        sandbox.load({resource: [record]})
        return {"resource": resource, "record_id": record["_id"]}

    return placed


SATISFIED = [
    pytest.param(
        "workOrders", {"completedDate": NOON}, {"target_field": "completedDate"}, {"completedDate": NOON}, id="closed"
    ),
    pytest.param(
        "workOrders", {"status": 500}, {"target_field": "status", "target_values": "500"}, {"status": 500}, id="code"
    ),
    pytest.param(
        "supplierInvoices",
        {"supplierInvoiceStatus": 10},
        {"target_status": "invoiced"},
        {"supplierInvoiceStatus": 10, "status": "invoiced"},
        id="supplier-invoice-invoiced",
    ),
    pytest.param(
        "quotes",
        {"quoteNumber": "17", "acceptedDate": NOON, "rejectedDate": None},
        {"target_field": "acceptedDate", "failed_field": "rejectedDate"},
        {"acceptedDate": NOON, "rejectedDate": None},
        id="quote-accepted",
    ),
    pytest.param(
        "quotes", {"quoteStatus": 3}, {"target_status": 3}, {"quoteStatus": 3, "status": "3"}, id="quote-code"
    ),
    pytest.param(
        "purchaseOrders",
        {"purchaseOrderStatus": 10},
        {"target_status": "delivered", "failed_statuses": "obliterated"},
        {"purchaseOrderStatus": 10, "status": "delivered"},
        id="purchase-order-delivered",
    ),
    pytest.param(
        "supplierInvoices",
        {"isBooked": True},
        {"target_field": "isBooked", "target_values": ["True"]},
        {"isBooked": True},
        id="flag",
    ),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("resource", "fields", "arguments", "shown"), SATISFIED)
def test_reached_at_the_first_check(wait, put, requests_made, mode, resource, fields, arguments, shown):
    named = put(resource, **fields)

    result = wait(mode, **named, **arguments)

    assert shown.items() <= result.items()
    assert result["_id"] == named["record_id"]
    assert requests_made() == [f"GET /api/2/{resource}/{named['record_id']}"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("fields", "arguments", "message"),
    [
        pytest.param({"rejectedDate": NOON}, {"failed_field": "rejectedDate"}, f"has rejectedDate {NOON}", id="set"),
        pytest.param(
            {"marking": "utgår"},
            {"failed_field": "marking", "failed_values": ["vilande", "utgår"]},
            "has marking utgår",
            id="value",
        ),
        pytest.param({"quoteStatus": 4}, {"failed_statuses": [4, 5]}, "is 4, has no acceptedDate", id="status"),
    ],
)
def test_a_failed_status_or_field_ends_the_wait(wait, put, mode, fields, arguments, message):
    named = put("quotes", quoteNumber="17", acceptedDate=None, **fields)

    with pytest.raises(PermanentTaskError) as caught:
        wait(mode, **named, target_field="acceptedDate", **arguments)

    assert message in str(caught.value)
    assert str(caught.value).endswith("it can no longer reach the target of the wait")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("held", [None, "", False], ids=repr)
def test_a_field_that_is_not_set_does_not_end_the_wait(wait, put, requests_made, mode, held):
    with pytest.raises(AirflowSensorTimeout):
        wait(mode, **put("workOrders", completedDate=held), target_field="completedDate", timeout=0.5)

    assert len(requests_made()) >= 2


@pytest.mark.parametrize("mode", MODES)
def test_a_field_that_is_set_after_a_while(sandbox, wait, put, mode, requests_made):
    named = put("quotes", acceptedDate=None)
    accepted = {"_id": named["record_id"], "acceptedDate": NOON}

    with after_checks(requests_made, lambda: sandbox.load({"quotes": [accepted]})):
        assert wait(mode, **named, target_field="acceptedDate")["acceptedDate"] == NOON
    assert len(requests_made("GET")) > CHECKS


@pytest.mark.parametrize("mode", MODES)
def test_transient_errors_do_not_end_the_wait(sandbox, wait, put, mode):
    named = put("quotes", acceptedDate=NOON)
    sandbox.set_faults([{"method": "GET", "collection": "quotes", "kind": "status", "status": 503, "times": 9}])

    assert wait(mode, **named, target_field="acceptedDate")["acceptedDate"] == NOON


@pytest.mark.parametrize("mode", MODES)
def test_a_soft_failure_skips_the_task(wait, put, mode):
    named = put("quotes", rejectedDate=NOON)

    with pytest.raises(AirflowSkipException):
        wait(mode, **named, target_field="acceptedDate", failed_field="rejectedDate", soft_fail=True)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({}, "target_status is empty", id="nothing-to-wait-for"),
        pytest.param(
            {"target_status": "x", "target_field": "marking"},
            "target_status and target_field are both given",
            id="both",
        ),
        pytest.param({"target_status": "accepted"}, "is not a code; the statuses of quotes have no", id="no-names"),
        pytest.param({"resource": "quote", "target_status": 3}, "did you mean 'quotes'?", id="unknown-collection"),
        pytest.param({"resource": "userRoles", "target_field": "userRoleName"}, "has no get", id="no-get"),
        pytest.param(
            {"resource": "workOrders", "target_status": 5}, "wait for a field of it by target_field", id="no-status"
        ),
        pytest.param({"target_field": "acceptDate"}, "did you mean 'acceptedDate'?", id="misspelt-field"),
        pytest.param({"target_field": ""}, "target_field is empty", id="field-rendered-to-nothing"),
        pytest.param({"target_field": "marking", "target_values": ""}, "target_values is empty", id="no-values"),
        pytest.param(
            {"target_status": 3, "target_values": ["x"]}, "target_values is given without target_field", id="no-field"
        ),
        pytest.param(
            {"target_status": 3, "failed_values": ["x"]},
            "failed_values is given without failed_field",
            id="no-failed-field",
        ),
        pytest.param({"target_status": 3, "failed_field": "rejectDate"}, "failed_field: ", id="misspelt-failed-field"),
        pytest.param({"target_status": 3, "record_id": "None"}, "the id is empty", id="id-rendered-to-none"),
    ],
)
def test_an_invalid_parameter_is_refused_before_any_request(wait, requests_made, mode, arguments, message):
    with pytest.raises(PermanentTaskError) as caught:
        wait(mode, **{"resource": "quotes", "record_id": "5f48eb3e65d7ee4942c46eeb", **arguments})

    assert message in str(caught.value)
    assert requests_made() == []


@pytest.mark.parametrize("name", ["target_field", "target_values", "failed_field", "failed_values"])
def test_a_parameter_that_renders_to_none_is_refused(context, put, requests_made, name):
    given: dict[str, Any] = {
        "target_field": "marking",
        "target_values": "{{ x }}",
        "failed_field": "notes",
        "failed_values": "{{ x }}",
    }
    sensor = RecordStatusSensor(task_id="wait", **put("quotes", marking="x"), **given)
    setattr(sensor, name, None)  # the result of a native template or of another task

    with pytest.raises(PermanentTaskError, match=f"{name} is empty"):
        sensor.poke(context())
    assert requests_made() == []


def test_an_undocumented_field_needs_a_connection_that_is_not_strict(connect, sandbox, wait, put):
    named = put("quotes", signedDigitally=True)
    with pytest.raises(PermanentTaskError, match="quotes has no field 'signedDigitally'"):
        wait("poking", **named, target_field="signedDigitally")

    connect(extra={"strict": False, "requests_per_second": 1000, "pacing": "process"})

    assert wait("poking", **named, target_field="signedDigitally")["signedDigitally"] is True


def test_the_trigger_has_the_sensors_parameters(context, put):
    named = put("purchaseOrders", purchaseOrderStatus=2, marking="", archived=False)
    sensor = RecordStatusSensor(
        task_id="wait",
        **named,
        failed_statuses="obliterated",
        target_field="marking",
        target_values=("klar", "levererad"),
        failed_field="archived",
        deferrable=True,
        poke_interval=30,
    )

    with pytest.raises(TaskDeferred) as caught:
        sensor.execute(context())

    arguments = caught.value.trigger.serialize()[1]
    assert json.loads(json.dumps(arguments)) == arguments
    assert arguments | {"deadline": ""} == {
        "seventime_conn_id": "seventime_default",
        "resource": "purchaseOrders",
        "record_id": named["record_id"],
        "target_statuses": [],
        "failed_statuses": [3],
        "target_field": "marking",
        "target_values": ["klar", "levererad"],
        "failed_field": "archived",
        "failed_values": None,
        "poll_interval_seconds": 30.0,
        "longest_interval_seconds": None,
        "deadline": "",
    }


def test_templates(context, put):
    params = {"of": "quotes", **put("quotes", marking="klar"), "value": "klar"}
    sensor = RecordStatusSensor(
        task_id="wait",
        resource="{{ params.of }}",
        record_id="{{ params.record_id }}",
        target_field="marking",
        target_values=["{{ params.value }}"],
    )
    rendering: Any = {**context(), "params": params}

    sensor.render_template_fields(rendering)

    assert sensor.poke(rendering).xcom_value["marking"] == "klar"
