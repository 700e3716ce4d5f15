"""The API key shows nowhere: on every way a task can fail, everything that can be seen of it is searched."""

from __future__ import annotations

import asyncio
import itertools
import json
import traceback
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import AirflowException, TaskDeferred

from airflow_provider_seventime.exceptions import SevenTimeError
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.operators.invoices import CreateInvoiceOperator, UpdateInvoiceOperator
from airflow_provider_seventime.sandbox.server import SandboxServer
from airflow_provider_seventime.sensors.invoices import InvoiceStatusSensor
from airflow_provider_seventime.transfers.invoices_to_sie import InvoicesToSieOperator
from airflow_provider_seventime.triggers.record_status import RecordStatusTrigger
from tests.unit.conftest import TODAY, Connect

# As recognisable as a key can be, and with characters that some ways of writing would escape.
KEY = "s3cr3t/Of+Seven=Time"
MISSING = "511e0a00c0ffee5eed00dead"


CONNECTION_FAULTS = {
    "host-with-a-path": {"host": "https://seventime.example/api"},
    "port-that-refuses": {"host": "http://127.0.0.1:9"},
    "no-tls-there": {"host": "https://127.0.0.1:{port}"},
    "no-such-host": {"host": "https://seventime.invalid"},
    "page-size": {"extra": {"page_size": 0}},
    "key-with-a-line-inside": {"password": f"{KEY}\n{KEY}"},
    "key-with-a-letter-that-no-header-takes": {"password": f"{KEY}å"},
    "older-dialect": {"extra": {"api_version": 1}},
}
FAULTS = {
    "400": {"kind": "status", "status": 400},
    "401": {"kind": "status", "status": 401},
    "403": {"kind": "status", "status": 403},
    "404": {"kind": "status", "status": 404},
    "429": {"kind": "status", "status": 429},
    "503": {"kind": "status", "status": 503},
    "reset": {"kind": "reset"},
    "html": {"kind": "html"},
    "cut": {"kind": "cut_json"},
    "redirect": {"kind": "redirect"},
}
ECHOES = {
    "400": {"kind": "status", "status": 400, "message": f"Client-Secret {KEY} may not"},
    "503": {"kind": "status", "status": 503, "message": f"Underhåll, {KEY}"},
    "redirect": {"kind": "redirect", "location": f"https://x.example/{KEY}?key={KEY}"},
}


@pytest.fixture(scope="module")
def _sandbox_with_key():
    with SandboxServer(today=TODAY, rate_limit=0, api_key=KEY) as server:
        yield server


@pytest.fixture
def secret_sandbox(_sandbox_with_key, clock, monkeypatch):
    """A sandbox at its seed whose key is the recognisable one; ``seventime_default`` points to it."""
    _sandbox_with_key.reset()
    _sandbox_with_key.freeze()
    Connect(_sandbox_with_key, monkeypatch)()
    return _sandbox_with_key


@pytest.fixture
def connect(secret_sandbox, monkeypatch):
    return Connect(secret_sandbox, monkeypatch)


@pytest.fixture
def invoice(secret_sandbox):
    customer = secret_sandbox.records("customers")[0]["_id"]
    return {"customer": customer, "language": "SV", "invoiceItems": [{"itemType": "general", "unitPrice": "500"}]}


async def first_event(trigger):
    return await anext(trigger.run())


def chain_of(error):
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def shown_by(error):
    """Return what a log or a person may be shown of an error and of what led to it."""
    traced = "".join(traceback.format_exception(error))
    return traced + "".join(f"{one}{one!r}{one.args!r}{vars(one)!r}" for one in chain_of(error))


def shown_with_variables(error):
    """Return the traceback with local variables: ``airflow dags test`` of Airflow 3.0 and error trackers show them."""
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


def failure_of(operator, context):
    """Return how an execution ends; the traceback begins here, where no variable holds the key."""
    with pytest.raises((AirflowException, SevenTimeError)) as caught:
        operator.execute(context)
    return caught.value


def assert_hides_the_key(*shown):
    assert len([text for text in shown if str(text)]) > 0
    for text in shown:
        assert KEY not in str(text)
        assert KEY not in repr(text)


def create(invoice):
    return CreateInvoiceOperator(task_id="create", invoice=invoice)


def create_without_a_reference(invoice):
    return CreateInvoiceOperator(task_id="create", invoice=invoice, reference_field=None)


def update(invoice):
    return UpdateInvoiceOperator(task_id="update", invoice_id=MISSING, changes={"notes": "x"})


def wait(invoice):
    return InvoiceStatusSensor(task_id="wait", invoice_id=MISSING, poke_interval=0.01, timeout=0.02)


def wait_deferred(invoice):
    return InvoiceStatusSensor(task_id="wait", invoice_id=MISSING, deferrable=True)


def export(invoice):
    return InvoicesToSieOperator(task_id="export", path="/nowhere/x.si", from_date="2026-01-01", to_date="2026-01-31")


TASKS = [create, create_without_a_reference, update, wait, export]


def test_a_failure_of_the_api(secret_sandbox, invoice, context, logs, subtests):
    for task, (fault, description) in itertools.product(TASKS, FAULTS.items()):
        with subtests.test(f"{task.__name__}, {fault}"):
            secret_sandbox.set_faults([{**description, "times": None}])
            operator = task(invoice)

            error = failure_of(operator, context())

            assert_hides_the_key(shown_by(error), shown_with_variables(error), logs.take(), vars(operator))


def test_a_response_that_repeats_the_key(secret_sandbox, invoice, context, logs, subtests):
    for task, (fault, description) in itertools.product(TASKS, ECHOES.items()):
        with subtests.test(f"{task.__name__}, {fault}"):
            secret_sandbox.set_faults([{**description, "times": None}])

            assert_hides_the_key(shown_by(failure_of(task(invoice), context())), logs.take())


def test_a_failure_of_the_connection(secret_sandbox, connect, invoice, context, logs, subtests):
    for task, (fault, parts) in itertools.product(TASKS, CONNECTION_FAULTS.items()):
        with subtests.test(f"{task.__name__}, {fault}"):
            host = {"host": parts["host"].format(port=secret_sandbox.port)} if "host" in parts else {}
            connect(**{"password": KEY, **parts, **host})
            error = failure_of(task(invoice), context())

            assert_hides_the_key(shown_by(error), shown_with_variables(error), logs.take())


def test_a_task_that_succeeds(secret_sandbox, invoice, context, logs):
    rendering = context()
    creating = CreateInvoiceOperator(task_id="create", invoice={**invoice, "notes": "{{ ti.dag_id }}"})
    creating.render_template_fields(rendering)

    made = creating.execute(rendering)
    rendered = {name: getattr(creating, name) for name in creating.template_fields}

    assert_hides_the_key(json.dumps(made), json.dumps(rendered), vars(creating), logs)


def test_a_deferral(secret_sandbox, context, logs):
    sent = next(one for one in secret_sandbox.records("invoices") if one["invoiceStatus"] == 2)
    sensor = InvoiceStatusSensor(task_id="wait", invoice_id=sent["_id"], deferrable=True, timeout=0)

    with pytest.raises(TaskDeferred) as caught:
        sensor.execute(context())
    trigger = caught.value.trigger
    event: Any = asyncio.run(first_event(trigger))

    assert_hides_the_key(json.dumps(trigger.serialize()), trigger, vars(trigger), event.payload, caught.value, logs)


def test_the_trigger_where_the_connection_fails(secret_sandbox, connect, logs):
    connect(password=KEY, extra={"page_size": 0})
    trigger = RecordStatusTrigger(
        seventime_conn_id="seventime_default",
        resource="invoices",
        record_id=MISSING,
        target_statuses=[3],
        failed_statuses=[],
        poll_interval_seconds=1,
        deadline="2026-01-01T00:00:00+00:00",
    )

    event: Any = asyncio.run(first_event(trigger))

    assert_hides_the_key(event.payload, logs)


def test_hook_client_and_settings(secret_sandbox, logs):
    hook = SevenTimeHook()
    client = hook.get_conn()
    hook.count("users")

    assert client.settings.api_key == KEY
    assert_hides_the_key(hook, vars(hook), client, vars(client), client.settings, client.statistics, logs)


def test_the_test_button(secret_sandbox, connect, logs):
    verdicts = [SevenTimeHook().test_connection()]
    for fault in ECHOES.values():
        secret_sandbox.set_faults([fault])
        verdicts.append(SevenTimeHook().test_connection())
    connect(password=f"{KEY}å")
    verdicts.append(SevenTimeHook().test_connection())

    assert [works for works, _ in verdicts] == [True, False, False, False, False]
    assert_hides_the_key(*verdicts, logs)


def test_the_sandbox_keeps_a_fingerprint_of_the_key(secret_sandbox):
    SevenTimeHook().count("users")

    assert_hides_the_key(secret_sandbox.journal(), secret_sandbox.options)


def test_the_search_itself_finds_a_key():
    def fails(api_key):
        raise SevenTimeError("no key here")

    with pytest.raises(SevenTimeError) as caught:
        fails(KEY)

    with pytest.raises(AssertionError):
        assert_hides_the_key(shown_with_variables(caught.value))
    with pytest.raises(AssertionError):
        assert_hides_the_key(shown_by(SevenTimeError(f"Client-Secret: {KEY}")))
