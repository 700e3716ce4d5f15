"""What the client repeats, how long it waits, and when it gives up; a POST above all."""

from __future__ import annotations

import itertools
import logging
import re
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests

from airflow_provider_seventime.api.client import SevenTimeClient
from airflow_provider_seventime.api.rate_limit.clock import SystemClock
from airflow_provider_seventime.api.rate_limit.rate import SHARE_OF_LIMIT
from airflow_provider_seventime.exceptions import (
    AmbiguousWriteError,
    AuthenticationError,
    ProtocolError,
    RateLimitedError,
    ServerError,
    SevenTimeError,
    TransportError,
)

RESET = {"exc": requests.ConnectionError("reset")}
SILENCE = {"exc": requests.ReadTimeout("silence")}
REFUSED = {"exc": requests.ConnectTimeout("refused")}
TLS = {"exc": requests.exceptions.SSLError("handshake")}
REDIRECT = {"status_code": 302, "headers": {"Location": "https://portal.example/login"}}
HTML = {"text": "<html>maintenance</html>"}
GOOD = {"json": {"data": {"_id": "a"}, "_id": "a"}}
LOG = {"user": "user-1", "timestamp": "2026-01-05 08:00", "time": 8}


def status(code, **headers):
    return {"status_code": code, "json": {"errorMessage": "it says"}, "headers": headers}


CALLS = {
    "GET": lambda client: client.get("timeLogs", "a"),
    "PUT": lambda client: client.put("timeLogs", "a", {"user": "user-1", "description": "Rivning"}),
    "DELETE": lambda client: client.delete("timeLogs", "a"),
    "POST": lambda client: client.create("timeLogs", LOG),
}
FAULTS = {
    "429": (status(429), RateLimitedError),
    "500": (status(500), ServerError),
    "503": (status(503), ServerError),
    "reset": (RESET, TransportError),
    "silence": (SILENCE, TransportError),
    "refused": (REFUSED, TransportError),
    "408": (status(408), ServerError),
    "425": (status(425), ServerError),
    "HTML": (HTML, ProtocolError),
    "redirect": (REDIRECT, ProtocolError),
    "TLS": (TLS, TransportError),
    "400": (status(400), SevenTimeError),
    "401": (status(401), AuthenticationError),
    "403": (status(403), SevenTimeError),
}
REPEATED = {"429", "refused"}
REPEATED_UNLESS_POST = REPEATED | {"408", "425", "500", "503", "reset", "silence", "HTML", "redirect"}


@pytest.fixture
def answers(api):
    """Answer a method's request with these."""
    return lambda method, *responses: api.answers(method, "timeLogs/a" if method == "GET" else "timeLogs", *responses)


class TestTable:
    def test_one_fault_is_got_over_where_a_repeat_is_safe(self, make_client, api, answers, subtests):
        for method, (fault, (answer, kind)) in itertools.product(CALLS, FAULTS.items()):
            with subtests.test(f"{method}, {fault}"):
                answers(method, answer, GOOD)
                sent_before = len(api.requests)
                if self.repeated(method, fault):
                    CALLS[method](make_client())
                else:
                    with pytest.raises(AmbiguousWriteError if self.in_doubt(method, fault) else kind):
                        CALLS[method](make_client())
                assert len(api.requests) - sent_before == (2 if self.repeated(method, fault) else 1)

    def test_a_fault_that_stays_ends_after_a_few_attempts(self, make_client, api, answers, subtests):
        for method, (fault, (answer, kind)) in itertools.product(CALLS, FAULTS.items()):
            with subtests.test(f"{method}, {fault}"):
                answers(method, answer)
                sent_before = len(api.requests)
                with pytest.raises(AmbiguousWriteError if self.in_doubt(method, fault) else kind):
                    CALLS[method](make_client())
                assert len(api.requests) - sent_before == (6 if self.repeated(method, fault) else 1)

    @staticmethod
    def repeated(method, fault):
        return fault in (REPEATED if method == "POST" else REPEATED_UNLESS_POST)

    @staticmethod
    def in_doubt(method, fault):
        return method == "POST" and fault in ({"TLS"} | REPEATED_UNLESS_POST) - REPEATED


def test_the_waits_triple_with_jitter_up_to_half_a_minute(client, answers, clock):
    answers("GET", status(500))
    with pytest.raises(ServerError):
        client.get("timeLogs", "a")
    longest = [0.5, 1.5, 4.5, 13.5, 30.0]
    assert [pause <= most for pause, most in zip(clock.pauses, longest, strict=True)] == [True] * 5
    assert [pause >= most / 2 for pause, most in zip(clock.pauses, longest, strict=True)] == [True] * 5


class TestRetryAfter:
    @pytest.mark.parametrize("code", [429, 503])
    @pytest.mark.parametrize(("header", "seconds"), [("3", 3.0), ("45", 45.0), ("120", 120.0)])
    def test_is_honoured(self, client, answers, clock, code, header, seconds):
        answers("GET", status(code, **{"Retry-After": header}), GOOD)
        begin = clock.now
        client.get("timeLogs", "a")
        assert clock.now - begin == pytest.approx(seconds, abs=0.01)

    @pytest.mark.parametrize("code", [429, 503])
    @pytest.mark.parametrize("method", CALLS)
    def test_that_is_too_long_to_wait_for_is_left_to_airflow(self, client, api, answers, clock, method, code):
        answers(method, status(code, **{"Retry-After": "121"}), GOOD)
        lost = method == "POST" and code == 503
        with pytest.raises(AmbiguousWriteError if lost else (RateLimitedError, ServerError)) as caught:
            CALLS[method](client)
        error: Any = caught.value.__cause__ if lost else caught.value
        assert error.retry_after_seconds == 121.0
        assert len(api.requests) == 1
        assert clock.pauses == []

    def test_may_be_a_date(self, client, answers, clock):
        moment = datetime.now(UTC) + timedelta(seconds=30)
        answers("GET", status(429, **{"Retry-After": format_datetime(moment, usegmt=True)}), GOOD)
        begin = clock.now
        client.get("timeLogs", "a")
        assert 25 < clock.now - begin <= 30.1

    @pytest.mark.parametrize("header", ["0", "-5", "soon", ""])
    def test_without_use_falls_back_to_backoff(self, client, answers, clock, header):
        answers("GET", status(503, **{"Retry-After": header}), GOOD)
        client.get("timeLogs", "a")
        (pause,) = clock.pauses
        assert 0.25 <= pause <= 0.5

    def test_does_not_keep_a_task_for_ever(self, client, answers, api, clock):
        answers("GET", status(429, **{"Retry-After": "100"}))
        begin = clock.now
        with pytest.raises(RateLimitedError) as caught:
            client.get("timeLogs", "a")
        assert caught.value.retry_after_seconds == 100.0
        assert len(api.requests) == 3
        assert clock.now - begin == pytest.approx(200, abs=0.1)


class TestRejections:
    def test_slow_everybody_who_uses_the_key(self, make_client, answers, clock):
        answers("GET", status(429, **{"Retry-After": "5"}), GOOD)
        first, second = (make_client(password="key-of-both-clients", requests_per_second=4) for _ in range(2))
        first.get("timeLogs", "a")
        clock.sleeps.clear()
        second.get("timeLogs", "a")
        assert clock.sleeps == [pytest.approx(1.975 / (4 * SHARE_OF_LIMIT))]

    def test_are_counted(self, client, answers):
        answers("GET", status(429), status(429), GOOD)
        client.get("timeLogs", "a")
        assert (client.statistics.requests, client.statistics.rejections) == (3, 2)


def test_requests_are_spaced_by_the_keys_budget_and_counted(make_client, answers, clock):
    answers("GET", GOOD)
    client = make_client(requests_per_second=4)
    begin = clock.now
    for _ in range(5):
        client.get("timeLogs", "a")
    assert clock.now - begin == pytest.approx(4.4 / (4 * SHARE_OF_LIMIT))
    assert client.statistics.requests == 5
    assert client.statistics.waited_seconds == pytest.approx(4.4 / (4 * SHARE_OF_LIMIT))


def test_a_client_may_be_used_by_several_threads(client, answers):
    answers("GET", GOOD)
    threads = [threading.Thread(target=lambda: [client.get("timeLogs", "a") for _ in range(20)]) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert client.statistics.requests == 100


def test_a_repeat_is_logged_without_the_key(make_client, answers, caplog):
    client = make_client(password="the-very-secret-key")
    answers("GET", {"status_code": 500, "json": {"errorMessage": "echo the-very-secret-key"}}, GOOD)
    with caplog.at_level(logging.DEBUG):
        client.get("timeLogs", "a")
    (record,) = [one for one in caplog.records if one.name.startswith("airflow_provider_seventime")]
    assert record.levelname == "WARNING"
    assert re.match(r"Attempt 1 failed; retrying in 0\.[2-5] s: GET ", record.getMessage())
    assert "echo ***" in record.getMessage()
    assert "the-very-secret-key" not in caplog.text


@pytest.mark.parametrize("method", CALLS)
def test_the_key_is_in_no_error_and_no_repr(make_client, answers, method):
    client = make_client(password="the-very-secret-key", attempts=1)
    answers(method, {"status_code": 400, "json": {"errorMessage": {"Client-Secret": "the-very-secret-key"}}})
    with pytest.raises(SevenTimeError) as caught:
        CALLS[method](client)
    shown = [str(caught.value), repr(caught.value), repr(vars(caught.value)), repr(client), repr(client.settings)]
    assert not any("the-very-secret-key" in text for text in shown)


def test_one_attempt_repeats_nothing(make_client, api, answers):
    answers("GET", status(500), GOOD)
    with pytest.raises(ServerError):
        make_client(attempts=1).get("timeLogs", "a")
    assert len(api.requests) == 1


def test_the_machines_clock_goes_on(make_settings, answers):
    answers("GET", GOOD)
    clock = SystemClock()
    begin = clock.monotonic()
    with SevenTimeClient(make_settings(requests_per_second=100)) as client:
        client.get("timeLogs", "a")
        client.get("timeLogs", "a")
    assert clock.monotonic() - begin >= 0.01


@pytest.mark.parametrize("call", ["GET", "PUT"])
@pytest.mark.parametrize(
    "other", [{"data": {"_id": "b"}, "_id": "b"}, {"data": {}}, {"data": {"_id": None}, "_id": 5}], ids=str
)
def test_a_response_with_another_record_is_retried(client, api, call, other):
    api.answers(call, "timeLogs/a" if call == "GET" else "timeLogs", {"json": other}, GOOD)
    assert CALLS[call](client)["_id"] == "a"
    assert len(api.requests) == 2


@pytest.mark.parametrize("call", ["GET", "PUT"])
def test_another_record_every_time_is_an_error(client, api, call):
    path = "timeLogs/a" if call == "GET" else "timeLogs"
    api.answers(call, path, {"json": {"data": {"_id": "b"}, "_id": "b"}})
    with pytest.raises(ProtocolError, match=rf"^{call} /api/2/{path} returned another record, or one without _id$"):
        CALLS[call](client)
    assert len(api.requests) == 6


def test_the_case_of_an_id_makes_no_difference(client, api):
    api.answers("GET", "timeLogs/5F1A", {"json": {"data": {"_id": "5f1a"}}})
    assert client.get("timeLogs", "5F1A")["_id"] == "5f1a"


@pytest.mark.parametrize("body", ['{"errorMessage": "Try later"}', "{}", "null"])
@pytest.mark.parametrize(
    ("call", "path", "good"),
    [
        (lambda client: list(client.list("timeLogs")), "timeLogs", {"meta": {"totalResources": 0}, "data": []}),
        (lambda client: list(client.list_json("timeLogs")), "timeLogs", {"meta": {"totalResources": 0}, "data": []}),
        (lambda client: list(client.list("timeCategories")), "timeCategories", {"data": []}),
        (lambda client: client.count("timeLogs"), "timeLogs", {"meta": {"totalResources": 0}, "data": []}),
        (lambda client: client.count("timeCategories"), "timeCategories", {"data": []}),
        (lambda client: client.get("timeLogs", "t-1"), "timeLogs/t-1", {"data": {"_id": "t-1"}}),
    ],
    ids=["list", "list_json", "list-of-a-lookup-table", "count", "count-of-a-lookup-table", "get"],
)
def test_a_success_of_another_shape_is_tried_again(client, api, call, path, good, body):
    api.answers("GET", path, {"text": body}, {"json": good})

    call(client)

    assert len(api.requests) == 2
