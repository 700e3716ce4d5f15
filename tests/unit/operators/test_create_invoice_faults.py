"""CreateInvoiceOperator: whatever happens on the way, there is one invoice, or an error that says what to do."""

from __future__ import annotations

import time

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_seventime.exceptions import (
    AmbiguousWriteError,
    AuthenticationError,
    BadRequestError,
    ForbiddenError,
    ServerError,
    SevenTimeError,
    TransportError,
)
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.hooks.task_errors import PermanentTaskError
from airflow_provider_seventime.operators.invoices import CreateInvoiceOperator
from airflow_provider_seventime.testing import TEST_EXTRA

POST = {"method": "POST", "collection": "invoices"}
GET = {"method": "GET", "collection": "invoices"}
IMPATIENT = {**TEST_EXTRA, "read_timeout_seconds": 0.1}


@pytest.fixture
def create(context, invoice):
    def created(**arguments):
        instance = {"try_number": arguments.pop("try_number", 1)}
        operator = CreateInvoiceOperator(task_id="create_invoice", invoice=invoice, **arguments)
        return operator.execute(context(**instance))

    return created


@pytest.fixture
def made(sandbox):
    before = len(sandbox.records("invoices"))
    return lambda: len(sandbox.records("invoices")) - before


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"kind": "reset"}, id="reset"),
        pytest.param({"kind": "status", "status": 500}, id="500"),
        pytest.param({"kind": "status", "status": 504}, id="504"),
        pytest.param({"kind": "html"}, id="html"),
        pytest.param({"kind": "redirect"}, id="redirect"),
    ],
)
def test_a_lost_response(sandbox, create, made, requests_made, fault, when):
    sandbox.set_faults([{**POST, **fault, "when": when}])

    result = create()

    assert (result["created"], made()) == (True, 1)
    assert result["_id"] == sandbox.records("invoices")[-1]["_id"]
    assert len(requests_made("POST")) == (1 if when == "after" else 2)


def test_a_cut_response(sandbox, create, made, requests_made):
    sandbox.set_faults([{**POST, "kind": "cut_json"}])

    assert create()["created"]
    assert made() == len(requests_made("POST")) == 1


def test_a_late_response(sandbox, connect, create, made, requests_made):
    connect(extra=IMPATIENT)
    sandbox.set_faults([{**POST, "kind": "delay", "seconds": 0.3, "when": "after"}])

    assert create()["created"]
    assert made() == len(requests_made("POST")) == 1


class TenfoldClock:
    """A clock that goes ten times as fast as the machine's."""

    def monotonic(self):
        return time.monotonic() * 10

    def sleep(self, seconds):
        time.sleep(seconds / 10)


def test_a_request_that_is_executed_after_its_timeout(sandbox, connect, create, made, requests_made, monkeypatch):
    monkeypatch.setattr(SevenTimeHook, "clock", TenfoldClock())
    connect(extra={**IMPATIENT, "requests_per_second": 999})
    sandbox.set_faults([{**POST, "kind": "delay", "seconds": 0.3}])

    assert create()["created"]
    assert made() == len(requests_made("POST")) == 1


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"kind": "status", "status": 429}, id="429"),
        pytest.param({"kind": "status", "status": 429, "retry_after": 7}, id="429-with-retry-after"),
    ],
)
def test_a_429_is_retried_without_a_search(sandbox, create, made, requests_made, clock, fault):
    sandbox.set_faults([{**POST, **fault}])

    assert create()["created"]
    assert made() == 1
    assert requests_made() == ["GET /api/2/invoices", "POST /api/2/invoices", "POST /api/2/invoices"]
    assert sum(clock.slept) >= fault.get("retry_after", 0.5)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lasting_failure_fails_the_try_and_the_next_try_succeeds(sandbox, create, made, requests_made, when):
    # The POST fails, and so does every later search, so the outcome is unknown until the outage ends.
    first_search = {**GET, "kind": "delay", "seconds": 0}
    outage = {**GET, "kind": "status", "status": 503, "times": None}
    sandbox.set_faults([{**POST, "kind": "status", "status": 503, "when": when}, first_search, outage])

    with pytest.raises(ServerError) as caught:
        create()
    assert not isinstance(caught.value, AirflowFailException)
    sandbox.clear_faults()
    result = create(try_number=2)

    assert made() == 1
    assert result["created"] is (when == "before")
    assert len(requests_made("POST")) == (2 if when == "before" else 1)


def test_posts_that_keep_failing_end_in_a_transient_error(sandbox, create, made, requests_made):
    sandbox.set_faults([{**POST, "kind": "status", "status": 503, "message": "Underhåll", "times": None}])

    with pytest.raises(ServerError, match="POST /api/2/invoices returned 503: Underhåll") as caught:
        create()

    assert not isinstance(caught.value, AirflowFailException)
    assert made() == 0
    assert 2 <= len(requests_made("POST")) <= 6


def test_an_unreachable_api_fails_the_try(connect, create, clock):
    connect(host="http://127.0.0.1:9")

    with pytest.raises(TransportError) as caught:
        create()

    assert caught.value.transient
    assert not isinstance(caught.value, AirflowFailException)
    assert sum(clock.slept) > 1


@pytest.mark.parametrize(
    ("status", "error"), [(400, BadRequestError), (401, AuthenticationError), (403, ForbiddenError)]
)
def test_a_refusal_ends_the_task(sandbox, create, made, requests_made, status, error):
    sandbox.set_faults([{**POST, "kind": "status", "status": status, "message": "nej", "times": None}])

    with pytest.raises(PermanentTaskError, match=f"POST /api/2/invoices returned {status}: nej") as caught:
        create()

    assert isinstance(caught.value.__cause__, error)
    assert (made(), len(requests_made("POST"))) == (0, 1)


def test_a_refused_key_ends_the_task_at_the_first_search(connect, create, requests_made, clock):
    connect(password="of-another-account")

    with pytest.raises(PermanentTaskError, match="Check the API key"):
        create()

    assert requests_made() == ["GET /api/2/invoices"]
    assert clock.slept == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"kind": "reset"}, id="reset"),
        pytest.param({"kind": "status", "status": 500}, id="500"),
        pytest.param({"kind": "html"}, id="html"),
    ],
)
def test_without_a_reference_a_lost_response_is_ambiguous(sandbox, create, made, requests_made, fault, when):
    sandbox.set_faults([{**POST, **fault, "when": when}])

    with pytest.raises(PermanentTaskError, match="look for it in Seven Time before you send it again") as caught:
        create(reference_field=None)

    assert isinstance(caught.value.__cause__, AmbiguousWriteError)
    assert made() == (1 if when == "after" else 0)
    assert len(requests_made("POST")) == 1


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"kind": "status", "status": 503, "times": 3}, id="503"),
        pytest.param({"kind": "reset", "times": 2}, id="reset"),
        pytest.param({"kind": "html"}, id="html"),
        pytest.param({"kind": "cut_json"}, id="cut"),
    ],
)
def test_a_failed_search_is_retried(sandbox, create, made, fault):
    sandbox.set_faults([{**GET, **fault}])

    assert create()["created"]
    assert made() == 1


def test_nothing_is_sent_if_the_search_fails(sandbox, create, made, requests_made):
    sandbox.set_faults([{**GET, "kind": "status", "status": 503, "times": None}])

    with pytest.raises(SevenTimeError):
        create()

    assert requests_made("POST") == []
