"""Requester: slots held during an attempt, cancelled requests, and what retries leave behind."""

from __future__ import annotations

import gc
import threading
from contextlib import contextmanager

import pytest
import requests

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.api.http.requester import CANCELLATION_POLL_SECONDS, RequestCancelled, Requester
from airflow_provider_seventime.api.http.transport import Request
from airflow_provider_seventime.api.rate_limit.budgets import rate_limiter_for
from airflow_provider_seventime.api.rate_limit.clock import StopFlag
from airflow_provider_seventime.exceptions import BadRequestError, StoppedError, TransportError
from tests.unit.api.conftest import FakeClock

REQUEST = Request("GET", "/api/2/timeLogs/a")
BODY = '{"data": {"_id": "a"}}'


class StepLog(FakeClock):
    """A clock that records its waits, and the other steps of a request, in order."""

    def __init__(self):
        super().__init__()
        self.steps = []

    def sleep(self, seconds):
        super().sleep(seconds)
        self.steps.append("back off" if seconds >= 0.2 else "wait for the rate limit")

    @contextmanager
    def slot(self):
        self.steps.append("take the slot")
        try:
            yield
        finally:
            self.steps.append("free the slot")

    def response(self, status, body=BODY):
        def respond(request, context):
            self.steps.append("send")
            context.status_code = status
            if status == 0:
                raise requests.ConnectionError("reset")
            return body

        return {"text": respond}

    def decode(self, body):
        self.steps.append("decode")
        return exact_json.decode(body)


ATTEMPT = ["take the slot", "send", "free the slot"]


@pytest.fixture
def log():
    return StepLog()


@pytest.fixture
def requester(make_settings, log):
    settings = make_settings(requests_per_second=20)
    requester = Requester(settings, log, 3, rate_limiter_for(settings, log, StopFlag()), StopFlag())
    yield requester
    requester.close()


def test_a_slot_is_held_until_the_response_arrives_and_not_while_it_is_decoded(requester, log, api):
    api.answers("GET", "timeLogs/a", log.response(200))
    assert requester.request(REQUEST, decode=log.decode, slot=log.slot).content == {"data": {"_id": "a"}}
    assert log.steps == [*ATTEMPT, "decode"]


def test_a_slot_is_held_during_the_wait_for_the_rate_limit(requester, log, api):
    api.answers("GET", "timeLogs/a", log.response(200))
    requester.request(REQUEST)
    log.steps.clear()
    requester.request(REQUEST, slot=log.slot)
    assert log.steps == ["take the slot", "wait for the rate limit", "send", "free the slot"]


@pytest.mark.parametrize("status", [500, 429, 0], ids=["500", "429", "no response"])
def test_no_slot_is_held_during_a_backoff(requester, log, api, status):
    api.answers("GET", "timeLogs/a", log.response(status), log.response(200))
    requester.request(REQUEST, decode=log.decode, slot=log.slot)
    steps = [step for step in log.steps if step != "wait for the rate limit"]
    # A 429 pauses all requests of the key, so the retry waits in its slot too.
    retry = ["take the slot", *["back off"] * (status == 429), *ATTEMPT[1:]]
    assert steps == [*ATTEMPT, "back off", *retry, "decode"]


@pytest.mark.parametrize(
    ("status", "kind"), [(400, BadRequestError), (0, TransportError)], ids=["refused", "no response"]
)
def test_each_slot_is_freed_when_a_request_fails(requester, log, api, status, kind):
    api.answers("GET", "timeLogs/a", log.response(status))
    with pytest.raises(kind):
        requester.request(REQUEST, slot=log.slot)
    assert log.steps.count("take the slot") == log.steps.count("free the slot") == (1 if status == 400 else 3)


class TestCancellation:
    @pytest.fixture
    def cancelled(self):
        return threading.Event()

    def test_while_it_waits_for_its_slot(self, requester, log, api, cancelled):
        @contextmanager
        def slot():
            with log.slot():
                cancelled.set()
                yield

        api.answers("GET", "timeLogs/a", log.response(200))
        with pytest.raises(RequestCancelled):
            requester.request(REQUEST, cancelled=cancelled, slot=slot)
        assert log.steps == ["take the slot", "free the slot"]
        assert requester.statistics.requests == 0

    def test_during_a_backoff(self, requester, log, api, cancelled):
        def respond(request, context):
            cancelled.set()
            context.status_code = 503
            context.headers["Retry-After"] = "100"
            return "{}"

        api.answers("GET", "timeLogs/a", {"text": respond}, log.response(200))
        with pytest.raises(RequestCancelled):
            requester.request(REQUEST, cancelled=cancelled, slot=log.slot)
        assert log.steps == ["take the slot", "free the slot"] * 2
        assert sum(log.sleeps) <= CANCELLATION_POLL_SECONDS


@pytest.mark.parametrize(
    ("first", "unknown"), [(200, False), (429, False), (500, True), (0, True)], ids=["none", "429", "500", "reset"]
)
def test_a_failure_after_which_the_outcome_is_unknown_is_reported(requester, log, api, first, unknown):
    outcome_unknown = threading.Event()
    api.answers("DELETE", "timeLogs/a", log.response(first), log.response(200))
    requester.request(Request("DELETE", "/api/2/timeLogs/a"), outcome_unknown=outcome_unknown)
    assert outcome_unknown.is_set() == unknown


@pytest.mark.parametrize("status", [200, 503], ids=["first attempts", "retries"])
def test_requests_leave_no_retry_state_to_the_garbage_collector(requester, log, api, status):
    def request():
        api.answers("GET", "timeLogs/a", log.response(status), log.response(200))
        requester.request(REQUEST)

    def retry_objects():
        # The clock records its sleeps, which are a subclass of float in tenacity.
        # It asks for types and not by isinstance, which would load what lazy objects of other libraries stand for.
        types = [type(one) for one in gc.get_objects()]
        return sum("tenacity" in str(kind.__module__) and not issubclass(kind, float) for kind in types)

    request()  # what is created once is not counted
    gc.collect()
    gc.disable()
    try:
        before = retry_objects()
        for _ in range(50):
            request()
        assert retry_objects() == before
    finally:
        gc.enable()


def test_a_stop_between_the_turn_and_the_request_sends_nothing(make_settings, log, api):
    """The lease of a reference is taken between the two."""
    stop, settings = StopFlag(), make_settings(requests_per_second=20)
    requester = Requester(settings, log, 3, rate_limiter_for(settings, log, stop), stop)
    requester.wait_turn()
    stop.set()
    with pytest.raises(StoppedError):
        requester.send(REQUEST)
    assert (api.requests, requester.statistics.requests) == ([], 0)
    requester.close()
