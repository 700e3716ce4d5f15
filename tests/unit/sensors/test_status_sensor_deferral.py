"""Deferral of InvoiceStatusSensor to the triggerer, and its return."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from airflow.providers.common.compat.sdk import (
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTimeout,
    TaskDeferred,
)

from airflow_provider_seventime.exceptions import ProtocolError
from airflow_provider_seventime.sensors.invoices import InvoiceStatusSensor
from tests.unit.sensors.triggerer import through_the_triggerer


@pytest.fixture
def sent(sandbox):
    """A sent invoice of the seed."""
    return next(one for one in sandbox.records("invoices") if one["invoiceStatus"] == 2)


def deferral_of(context, invoice_id, **arguments):
    sensor = InvoiceStatusSensor(task_id="wait", invoice_id=invoice_id, deferrable=True, **arguments)
    with pytest.raises(TaskDeferred) as caught:
        sensor.execute(context())
    return caught.value


def test_the_trigger_has_the_sensors_parameters(context, sent):
    deferral = deferral_of(
        context, f" {sent['_id']}\n", poke_interval=30, target_status="paid, 7", failed_statuses="obliterated, 7"
    )

    arguments = deferral.trigger.serialize()[1]
    assert arguments | {"deadline": ""} == {
        "seventime_conn_id": "seventime_default",
        "resource": "invoices",
        "record_id": sent["_id"],
        "target_statuses": [3, 7],
        "failed_statuses": [4],
        "poll_interval_seconds": 30.0,
        "longest_interval_seconds": None,
        "deadline": "",
        "target_field": None,
        "target_values": None,
        "failed_field": None,
        "failed_values": None,
    }
    assert deferral.method_name == "execute_complete"


def test_the_deadline_is_the_timeout_from_now(context, sent):
    before = datetime.now(UTC)

    deferral = deferral_of(context, sent["_id"], timeout=3600)

    deadline = datetime.fromisoformat(deferral.trigger.deadline)
    assert timedelta(0) <= deadline - before - timedelta(hours=1) < timedelta(minutes=1)
    assert deferral.timeout > timedelta(hours=1)  # Airflow's own timeout comes later


@pytest.mark.parametrize(
    ("timeout", "execution_timeout", "nearer", "error"),
    [
        pytest.param(3600, timedelta(minutes=10), timedelta(minutes=10), AirflowTaskTimeout, id="execution-timeout"),
        pytest.param(3600, timedelta(hours=2), timedelta(hours=1), AirflowSensorTimeout, id="timeout"),
        pytest.param(3600, None, timedelta(hours=1), AirflowSensorTimeout, id="no-execution-timeout"),
    ],
)
@pytest.mark.parametrize("soft_fail", [False, True])
def test_a_deferred_wait_ends_at_the_nearer_limit(
    context, sent, timeout, execution_timeout, nearer, error, soft_fail, time_machine
):
    time_machine.move_to("2026-10-01T10:00:00Z", tick=False)
    arguments = {"timeout": timeout, "execution_timeout": execution_timeout, "soft_fail": soft_fail}
    deferral = deferral_of(context, sent["_id"], **arguments)

    assert deferral.trigger.deadline == (datetime.now(UTC) + nearer).isoformat()
    assert deferral.timeout > nearer
    time_machine.shift(nearer)
    event = through_the_triggerer(deferral)
    sensor = InvoiceStatusSensor(task_id="wait", invoice_id=sent["_id"], deferrable=True, **arguments)
    # As for a task in a worker, soft_fail skips a sensor's own timeout alone.
    expected = AirflowSkipException if soft_fail and error is AirflowSensorTimeout else error
    with pytest.raises(expected, match="timed out"):
        sensor.execute_complete(context(), event, **deferral.kwargs)


@pytest.mark.parametrize(
    ("arguments", "longest"),
    [
        pytest.param({}, None, id="even"),
        pytest.param({"exponential_backoff": True, "max_wait": 600}, 600.0, id="doubling-up-to-max-wait"),
        pytest.param({"exponential_backoff": True, "timeout": 7200}, 7200.0, id="doubling-up-to-the-timeout"),
        pytest.param({"max_wait": 600}, None, id="max-wait-without-backoff"),
    ],
)
def test_backoff_in_the_triggerer(context, sent, arguments, longest):
    assert deferral_of(context, sent["_id"], **arguments).trigger.longest_interval_seconds == longest


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(None, id="none"),
        pytest.param({}, id="empty"),
        pytest.param("reached", id="text"),
        pytest.param({"status": "success"}, id="of-another-trigger"),
        pytest.param({"outcome": "waiting"}, id="not-over"),
        pytest.param({"outcome": "done"}, id="unknown-outcome"),
    ],
)
def test_an_event_of_another_trigger_fails_the_task(context, sent, event):
    sensor = InvoiceStatusSensor(task_id="wait", invoice_id=sent["_id"], deferrable=True)

    with pytest.raises(ProtocolError, match="an event that is not one of RecordStatusTrigger"):
        sensor.execute_complete(context(), event)
