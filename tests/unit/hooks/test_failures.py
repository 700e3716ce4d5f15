"""Text and traceback of a failed task in its log."""

from __future__ import annotations

import traceback

import pytest

from airflow_provider_seventime.exceptions import (
    AuthenticationError,
    ConfigError,
    InvalidRecordError,
    NotFoundError,
    SevenTimeError,
)
from airflow_provider_seventime.hooks.failures import LINE_WIDTH, failure_text
from airflow_provider_seventime.hooks.task_errors import PermanentTaskError
from airflow_provider_seventime.operators.records import SevenTimeGetOperator, SevenTimeUpdateOperator
from airflow_provider_seventime.sensors.invoices import InvoiceStatusSensor

CONNECTION = "seventime_default, https://app.seventime.se"
LINE = f"Connection: {CONNECTION}"
MISSING = "511e0a00c0ffee5eed00dead"


def connected(error: SevenTimeError) -> SevenTimeError:
    error.connection = CONNECTION
    return error


def test_texts(subtests):
    key = "Check the API key in the connection's password (Seven Time: Settings -> Integrations -> API)."
    for error, text in (
        (ConfigError("page_size is 0; give 1 to 500"), "page_size is 0; give 1 to 500"),
        (
            connected(AuthenticationError(401, "GET", "/api/2/users", "unknown key")),
            f"GET /api/2/users returned 401: unknown key.\n{LINE}\n{key}",
        ),
        (connected(ConfigError("It failed\nDo this")), f"It failed\n{LINE}\nDo this"),
        (
            connected(InvalidRecordError("invoices: create", ["a: wrong. Write b", "c: required"])),
            f"invoices: create refused before sending, 2 problems:\n  - a: wrong. Write b\n  - c: required\n{LINE}",
        ),
        (
            connected(InvalidRecordError("invoices: create", ["a: wrong. Write b"])),
            f"invoices: create refused before sending, 1 problem:\n  - a: wrong.\n{LINE}\nWrite b",
        ),
        # A quoted message in parentheses remains whole.
        (ConfigError("Lost (POST failed. Try again). Check it"), "Lost (POST failed. Try again).\nCheck it"),
    ):
        with subtests.test(text=text):
            assert failure_text(error) == text


def test_long_lines_are_wrapped_between_words():
    text = failure_text(InvalidRecordError("invoices: create", ["field: " + "word " * 60, "x" * 200]))

    assert max(len(line) for line in text.splitlines() if "xxx" not in line) <= LINE_WIDTH
    assert text.split() == str(InvalidRecordError("invoices: create", ["field: " + "word " * 60, "x" * 200])).split()


@pytest.mark.parametrize(
    "task",
    [
        pytest.param(SevenTimeGetOperator(task_id="a", resource="invoices", record_id=MISSING), id="get"),
        pytest.param(
            SevenTimeUpdateOperator(task_id="b", resource="invoices", record_id=MISSING, changes={"marking": "x"}),
            id="update",
        ),
        pytest.param(InvoiceStatusSensor(task_id="c", invoice_id=MISSING), id="sensor"),
    ],
)
def test_the_traceback_of_a_failed_task(sandbox, context, task):
    with pytest.raises(PermanentTaskError) as caught:
        task.execute(context())

    printed = "".join(traceback.format_exception(caught.value))
    assert printed.count("Traceback (most recent call last)") == 1
    assert not [name for name in ("tenacity", "concurrent/futures", "contextlib", "requests/") if name in printed]
    own = [line for line in printed.splitlines() if "airflow_provider_seventime/" in line]
    assert len(own) <= 9
    assert "decode_response" in own[-1]
    # The last lines say what happened, with which connection, and what to do.
    what, _, advice = str(caught.value).partition(f"\nConnection: seventime_default, {sandbox.base_url}\n")
    assert what.startswith(f"GET /api/2/invoices/{MISSING} returned 404")
    assert advice.startswith("Check the id")
    assert printed.rstrip().endswith(advice)


def test_the_cause_keeps_its_attributes(sandbox, context):
    with pytest.raises(PermanentTaskError) as caught:
        SevenTimeGetOperator(task_id="a", resource="invoices", record_id=MISSING).execute(context())

    cause = caught.value.__cause__
    assert isinstance(cause, NotFoundError)
    assert (cause.status, cause.path) == (404, f"/api/2/invoices/{MISSING}")


def test_a_transient_error_has_a_short_traceback_too(sandbox, context):
    sandbox.set_faults([{"kind": "status", "status": 503, "times": None}])

    with pytest.raises(SevenTimeError) as caught:
        SevenTimeGetOperator(task_id="a", resource="invoices", record_id=MISSING).execute(context())

    printed = "".join(traceback.format_exception(caught.value))
    assert caught.value.transient
    assert f"Connection: seventime_default, {sandbox.base_url}" in printed
    assert "tenacity" not in printed
