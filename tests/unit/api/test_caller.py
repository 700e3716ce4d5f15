"""What a request holds while it is on its way, and how one that nobody waits for ends."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest
import requests

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.api.http.requester import CANCELLATION_POLL_SECONDS, RequestCancelled, Requester
from airflow_provider_seventime.api.http.transport import Request
from airflow_provider_seventime.api.rate_limit.budgets import rate_limiter_for
from airflow_provider_seventime.exceptions import BadRequestError, TransportError
from tests.unit.api.conftest import FakeClock

REQUEST = Request("GET", "/api/2/timeLogs/a")
GOOD = '{"data": {"_id": "a"}}'


class Course(FakeClock):
    """A clock that notes its waits among what else happens."""

    def __init__(self):
        super().__init__()
        self.steps = []

    def sleep(self, seconds):
        super().sleep(seconds)
        self.steps.append("wait to repeat" if seconds >= 0.2 else "wait for the budget")

    @contextmanager
    def lane(self):
        self.steps.append("take a lane")
        try:
            yield
        finally:
            self.steps.append("give it back")

    def answered(self, status, body=GOOD):
        def answer(request, context):
            self.steps.append("send")
            context.status_code = status
            if status == 0:
                raise requests.ConnectionError("reset")
            return body

        return {"text": answer}

    def decode(self, body):
        self.steps.append("decode")
        return exact_json.decode(body)


ATTEMPT = ["take a lane", "send", "give it back"]


@pytest.fixture
def course():
    return Course()


@pytest.fixture
def caller(make_settings, course):
    settings = make_settings(requests_per_second=20)
    caller = Requester(settings, course, 3, rate_limiter_for(settings, course))
    yield caller
    caller.close()


def test_a_lane_is_held_until_the_answer_is_here_and_not_while_it_is_decoded(caller, course, api):
    api.answers("GET", "timeLogs/a", course.answered(200))
    assert caller.request(REQUEST, decode=course.decode, slot=course.lane).content == {"data": {"_id": "a"}}
    assert course.steps == [*ATTEMPT, "decode"]


def test_a_lane_is_held_while_waiting_for_the_budget(caller, course, api):
    api.answers("GET", "timeLogs/a", course.answered(200))
    caller.request(REQUEST)
    course.steps.clear()
    caller.request(REQUEST, slot=course.lane)
    assert course.steps == ["take a lane", "wait for the budget", "send", "give it back"]


@pytest.mark.parametrize("fault", [500, 429, 0], ids=["500", "429", "no answer"])
def test_no_lane_is_held_while_a_failed_attempt_is_waited_out(caller, course, api, fault):
    api.answers("GET", "timeLogs/a", course.answered(fault), course.answered(200))
    caller.request(REQUEST, decode=course.decode, slot=course.lane)
    steps = [step for step in course.steps if step != "wait for the budget"]
    # A rejection holds everybody back, and so is waited out in the budget too.
    repeat = ["take a lane", *["wait to repeat"] * (fault == 429), *ATTEMPT[1:]]
    assert steps == [*ATTEMPT, "wait to repeat", *repeat, "decode"]


@pytest.mark.parametrize(("fault", "kind"), [(400, BadRequestError), (0, TransportError)], ids=["refused", "no answer"])
def test_every_lane_is_given_back_when_a_request_fails(caller, course, api, fault, kind):
    api.answers("GET", "timeLogs/a", course.answered(fault))
    with pytest.raises(kind):
        caller.request(REQUEST, slot=course.lane)
    assert course.steps.count("take a lane") == course.steps.count("give it back") == (1 if fault == 400 else 3)


class TestNobodyWaits:
    @pytest.fixture
    def unwanted(self):
        return threading.Event()

    def test_before_it_is_sent(self, caller, course, api, unwanted):
        @contextmanager
        def lane():
            with course.lane():
                unwanted.set()
                yield

        api.answers("GET", "timeLogs/a", course.answered(200))
        with pytest.raises(RequestCancelled):
            caller.request(REQUEST, cancelled=unwanted, slot=lane)
        assert course.steps == ["take a lane", "give it back"]
        assert caller.statistics.requests == 0

    def test_while_a_failed_attempt_is_waited_out(self, caller, course, api, unwanted):
        def told(request, context):
            unwanted.set()
            context.status_code = 503
            context.headers["Retry-After"] = "100"
            return "{}"

        api.answers("GET", "timeLogs/a", {"text": told}, course.answered(200))
        with pytest.raises(RequestCancelled):
            caller.request(REQUEST, cancelled=unwanted, slot=course.lane)
        assert course.steps == ["take a lane", "give it back"] * 2
        assert sum(course.sleeps) <= CANCELLATION_POLL_SECONDS
