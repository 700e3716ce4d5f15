"""InvoiceStatusSensor, poking and deferred."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.providers.common.compat.sdk import AirflowSensorTimeout, AirflowSkipException, TaskDeferred

from airflow_provider_seventime.hooks.task_errors import PermanentTaskError
from airflow_provider_seventime.sensors.invoices import InvoiceStatusSensor
from tests.unit.sensors.after_checks import CHECKS, after_checks
from tests.unit.sensors.triggerer import through_the_triggerer

MODES = ["poking", "deferred"]
GET = {"method": "GET", "collection": "invoices"}


@pytest.fixture
def wait(context, sandbox):
    """Run the sensor in one mode: poking in the worker, or deferred with its trigger."""

    def waited(mode, invoice_id, **arguments):
        sensor = InvoiceStatusSensor(
            **{
                "task_id": "wait",
                "invoice_id": invoice_id,
                "poke_interval": 0.02,
                "timeout": 5,
                "deferrable": mode == "deferred",
                **arguments,
            }
        )
        try:
            return sensor.execute(context())
        except TaskDeferred as deferred:
            event = through_the_triggerer(deferred)
            return sensor.resume_execution(deferred.method_name, {**(deferred.kwargs or {}), "event": event}, context())

    return waited


@pytest.fixture
def invoice_with(sandbox):
    """Return an invoice of a status from the seed."""
    return lambda status: next(one for one in sandbox.records("invoices") if one["invoiceStatus"] == status)


@pytest.fixture
def sent(invoice_with):
    return invoice_with(2)


@pytest.mark.parametrize("mode", MODES)
def test_reached_at_the_first_check(wait, invoice_with, requests_made, mode):
    paid = invoice_with(3)

    assert wait(mode, paid["_id"]) == {
        "_id": paid["_id"],
        "invoiceNumber": paid["invoiceNumber"],
        "invoiceStatus": 3,
        "status": "paid",
        "totalAmountInclTax": str(paid["totalAmountInclTax"]),
    }
    assert requests_made() == [f"GET /api/2/invoices/{paid['_id']}"]


@pytest.mark.parametrize("mode", MODES)
def test_reached_after_a_while(sandbox, wait, sent, requests_made, mode):
    paid = {**sent, "invoiceStatus": 3}
    with after_checks(requests_made, lambda: sandbox.load({"invoices": [paid]})):
        result = wait(mode, sent["_id"])

    assert (result["_id"], result["status"]) == (sent["_id"], "paid")
    assert result["totalAmountInclTax"] == str(sent["totalAmountInclTax"])
    assert requests_made().count(f"GET /api/2/invoices/{sent['_id']}") > CHECKS


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "target",
    [
        pytest.param("sent", id="name"),
        pytest.param("Sent", id="name-in-capitals"),
        pytest.param(2, id="code"),
        pytest.param("2", id="code-as-text"),
        pytest.param(["sent", 3], id="list"),
        pytest.param(("paid", "2"), id="tuple"),
        pytest.param("paid, sent", id="text-of-a-template"),
    ],
)
def test_forms_of_a_target_status(wait, sent, mode, target):
    assert wait(mode, sent["_id"], target_status=target)["status"] == "sent"


@pytest.mark.parametrize("mode", MODES)
def test_a_failed_status_ends_the_wait(wait, invoice_with, mode):
    obliterated = invoice_with(4)

    with pytest.raises(PermanentTaskError) as caught:
        wait(mode, obliterated["_id"])

    facts = "number {invoiceNumber}, customer {customerNumber}, {totalAmountInclTax} SEK".format(**obliterated)
    assert str(caught.value).startswith(f"invoices {obliterated['_id']} ({facts}) is obliterated")


@pytest.mark.parametrize("mode", MODES)
def test_other_failed_statuses(wait, sent, mode):
    with pytest.raises(PermanentTaskError, match="is sent: it can no longer reach the target of the wait"):
        wait(mode, sent["_id"], failed_statuses=["customer_loss", "sent"])


@pytest.mark.parametrize("mode", MODES)
def test_a_target_status_among_the_failed_ones_is_a_success(wait, invoice_with, mode):
    assert wait(mode, invoice_with(4)["_id"], target_status="obliterated")["status"] == "obliterated"


@pytest.mark.parametrize("mode", MODES)
def test_a_missing_invoice_ends_the_wait(wait, requests_made, mode):
    with pytest.raises(PermanentTaskError, match="511e0a00c0ffee5eed00dead returned 404"):
        wait(mode, "511e0a00c0ffee5eed00dead")

    assert len(requests_made()) == 1


@pytest.mark.parametrize("mode", MODES)
def test_a_refused_key_ends_the_wait(wait, connect, sent, mode):
    connect(password="of-another-account")

    with pytest.raises(PermanentTaskError, match="returned 401"):
        wait(mode, sent["_id"])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("status", [404, 401, 403, 400])
def test_a_permanent_error_while_waiting_ends_the_wait(sandbox, wait, sent, mode, status):
    first_check = {**GET, "kind": "delay", "seconds": 0}
    sandbox.set_faults([first_check, {**GET, "kind": "status", "status": status, "times": None}])

    with pytest.raises(PermanentTaskError, match=f"returned {status}"):
        wait(mode, sent["_id"])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"kind": "status", "status": 503, "times": 9}, id="503"),
        pytest.param({"kind": "status", "status": 429, "times": 9}, id="429"),
        pytest.param({"kind": "reset", "times": 9}, id="reset"),
        pytest.param({"kind": "html", "times": 9}, id="html"),
        pytest.param({"kind": "cut_json", "times": 9}, id="cut-json"),
    ],
)
def test_transient_errors_do_not_end_the_wait(sandbox, wait, invoice_with, logs, mode, fault):
    paid = invoice_with(3)
    sandbox.set_faults([{**GET, **fault}])

    assert wait(mode, paid["_id"])["status"] == "paid"
    assert f"GET /api/2/invoices/{paid['_id']}" in logs


@pytest.mark.parametrize("mode", MODES)
def test_the_timeout_ends_the_wait(wait, sent, requests_made, mode):
    with pytest.raises(AirflowSensorTimeout):
        wait(mode, sent["_id"], timeout=0.1)

    assert len(requests_made()) >= 2


@pytest.mark.parametrize("mode", MODES)
def test_the_timeout_ends_the_wait_during_an_outage(sandbox, wait, sent, mode):
    sandbox.set_faults([{**GET, "kind": "status", "status": 503, "times": None}])

    with pytest.raises(AirflowSensorTimeout):
        wait(mode, sent["_id"], timeout=0.05)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("soft", ["soft_fail", "never_fail"])
@pytest.mark.parametrize("ending", ["timeout", "failed-status", "missing", "missing-later", "wrong-target"])
def test_soft_failures_skip_the_task(sandbox, wait, invoice_with, mode, soft, ending):
    arguments: dict[str, Any] = {}
    invoice_id = invoice_with(2)["_id"]
    if ending == "timeout":
        arguments = {"timeout": 0.05}
    elif ending == "failed-status":
        invoice_id = invoice_with(4)["_id"]
    elif ending == "missing":
        invoice_id = "511e0a00c0ffee5eed00dead"
    elif ending == "missing-later":
        first_check = {**GET, "kind": "delay", "seconds": 0}
        sandbox.set_faults([first_check, {**GET, "kind": "status", "status": 404}])
    else:
        arguments = {"target_status": "payed"}

    with pytest.raises(AirflowSkipException):
        wait(mode, invoice_id, **{soft: True}, **arguments)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            {"target_status": "payed"}, "(?s)target_status: .*did\\syou\\smean\\s'paid'", id="misspelt-target"
        ),
        pytest.param({"target_status": 5}, "target_status: ", id="undocumented-target"),
        pytest.param({"target_status": ""}, "target_status is empty", id="target-rendered-to-nothing"),
        pytest.param({"target_status": []}, "target_status is empty", id="no-target"),
        pytest.param({"failed_statuses": "obliterate"}, "(?s)failed_statuses: .*'obliterated'", id="misspelt-failure"),
        pytest.param({"invoice_id": ""}, "the id is empty", id="id-rendered-to-nothing"),
        pytest.param({"invoice_id": "None"}, "the id is empty", id="id-rendered-to-none"),
    ],
)
def test_an_invalid_parameter_is_refused_before_any_request(wait, requests_made, mode, arguments, message):
    with pytest.raises(PermanentTaskError, match=message):
        wait(mode, **{"invoice_id": "511e0a00c0ffee5eed00dead", **arguments})

    assert requests_made() == []


def test_no_failed_statuses(wait, invoice_with):
    with pytest.raises(AirflowSensorTimeout):
        wait("poking", invoice_with(4)["_id"], failed_statuses=(), timeout=0.05)


def test_poke_returns_whether_the_wait_is_over(context, invoice_with):
    waiting = InvoiceStatusSensor(task_id="wait", invoice_id=invoice_with(2)["_id"], mode="reschedule")
    done = InvoiceStatusSensor(task_id="wait", invoice_id=invoice_with(3)["_id"], mode="reschedule")

    assert not waiting.poke(context())
    assert done.poke(context()).xcom_value["status"] == "paid"


def test_templates(context, sent):
    sensor = InvoiceStatusSensor(
        task_id="wait", invoice_id="{{ params.id }}", target_status="{{ params.target }}", failed_statuses=["{{ 4 }}"]
    )
    rendering: Any = {**context(), "params": {"id": sent["_id"], "target": ["sent"]}}

    sensor.render_template_fields(rendering)

    # A template renders a list as text, so several statuses are given as "sent, paid".
    assert (sensor.invoice_id, sensor.failed_statuses) == (sent["_id"], ["4"])
