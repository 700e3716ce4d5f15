"""Retry rules: retried failures, waits, and the header Retry-After."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from airflow_provider_seventime.api.http.retry import (
    MAX_BACKOFF_SECONDS,
    MAX_RETRY_AFTER_SECONDS,
    RETRY_AFTER_LIMIT_SECONDS,
    backoff_seconds,
    certainly_not_executed,
    may_retry,
    parse_retry_after,
)
from airflow_provider_seventime.exceptions import (
    AmbiguousWriteError,
    AuthenticationError,
    BadRequestError,
    ConfigError,
    ForbiddenError,
    IncompleteReadError,
    InvalidRecordError,
    NotFoundError,
    ProtocolError,
    RateLimitedError,
    ServerError,
    TransportError,
)


def transport(fault, *, sent):
    return TransportError(fault, "GET", "/x", "detail", sent=sent)


def api(kind, status):
    return kind(status, "GET", "/x")


# error, certainly not executed, retried as GET / PUT / DELETE, retried as POST
TABLE = {
    "429": (api(RateLimitedError, 429), True, True, True),
    "refused": (transport("refused", sent=False), True, True, True),
    "name unknown": (transport("dns", sent=False), True, True, True),
    "connect timeout": (transport("connect_timeout", sent=False), True, True, True),
    "proxy": (transport("proxy", sent=False), True, True, True),
    "read timeout": (transport("read_timeout", sent=True), False, True, False),
    "reset": (transport("reset", sent=True), False, True, False),
    "certificate": (transport("tls", sent=False), True, False, False),
    "handshake": (transport("tls", sent=True), False, False, False),
    "500": (api(ServerError, 500), False, True, False),
    "503": (api(ServerError, 503), False, True, False),
    "408": (api(ServerError, 408), False, True, False),
    "deadline": (transport("deadline", sent=True), False, True, False),
    "HTML": (ProtocolError("HTML"), False, True, False),
    "400": (api(BadRequestError, 400), False, False, False),
    "401": (api(AuthenticationError, 401), False, False, False),
    "403": (api(ForbiddenError, 403), False, False, False),
    "404": (api(NotFoundError, 404), False, False, False),
    "config": (ConfigError("x"), False, False, False),
    "record": (InvalidRecordError("x", []), False, False, False),
    "ambiguous": (AmbiguousWriteError("x"), False, False, False),
    "incomplete": (IncompleteReadError("x"), False, False, False),
    "not ours": (ValueError("x"), None, False, False),
    "interrupt": (KeyboardInterrupt(), None, False, False),
}


@pytest.mark.parametrize(("error", "not_executed", "retried", "post_retried"), TABLE.values(), ids=TABLE)
def test_retried_failures(error, not_executed, retried, post_retried):
    for method in ("GET", "PUT", "DELETE"):
        assert may_retry(method, error) is retried
    assert may_retry("POST", error) is post_retried
    if not_executed is not None:
        assert certainly_not_executed(error) is not_executed


class TestBackoff:
    @pytest.mark.parametrize(
        ("attempt", "least", "most"),
        [(1, 0.25, 0.5), (2, 0.75, 1.5), (3, 2.25, 4.5), (4, 6.75, 13.5), (5, 15, 30), (6, 15, 30), (500, 15, 30)],
    )
    def test_triples_with_jitter_up_to_a_bound(self, attempt, least, most):
        error = api(ServerError, 500)
        assert backoff_seconds(attempt, error, lambda: 0.0) == least
        assert backoff_seconds(attempt, error, lambda: 1.0) == most
        assert least <= backoff_seconds(attempt, error) <= most <= MAX_BACKOFF_SECONDS

    def test_jitters(self):
        assert len({backoff_seconds(3, None) for _ in range(20)}) > 10

    @pytest.mark.parametrize("asked", [0.5, 3.0, 120.0])
    @pytest.mark.parametrize("kind", [RateLimitedError, ServerError])
    def test_honours_retry_after(self, asked, kind):
        error = kind(429, "GET", "/x", None, asked)
        assert may_retry("GET", error)
        assert backoff_seconds(1, error, lambda: 0.0) == asked <= MAX_RETRY_AFTER_SECONDS

    @pytest.mark.parametrize("asked", [120.001, 3600.0, RETRY_AFTER_LIMIT_SECONDS])
    @pytest.mark.parametrize("kind", [RateLimitedError, ServerError])
    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
    def test_is_left_to_airflow_beyond_two_minutes(self, method, asked, kind):
        error = kind(429, "GET", "/x", None, asked)
        assert not may_retry(method, error)
        assert error.transient
        assert error.retry_after_seconds == asked

    @pytest.mark.parametrize("asked", [None, 0.0])
    def test_is_exponential_without_retry_after(self, asked):
        assert backoff_seconds(2, RateLimitedError(429, "GET", "/x", None, asked), lambda: 0.0) == 0.75


NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("text", "seconds"), [("1", 1.0), (" 120 ", 120.0), ("007", 7.0), ("9" * 5000, RETRY_AFTER_LIMIT_SECONDS)]
    )
    def test_may_be_seconds(self, text, seconds):
        assert parse_retry_after(text, NOW) == seconds

    def test_is_at_most_a_year(self):
        assert parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", NOW) == RETRY_AFTER_LIMIT_SECONDS

    @pytest.mark.parametrize("seconds", [1, 90, 86_400])
    def test_may_be_a_date(self, seconds):
        moment = NOW + timedelta(seconds=seconds)
        assert parse_retry_after(format_datetime(moment, usegmt=True), NOW) == seconds
        assert parse_retry_after(format_datetime(moment.replace(tzinfo=None)), NOW) == seconds

    def test_a_date_is_compared_with_the_present(self):
        soon = datetime.now(UTC) + timedelta(seconds=60)
        assert 50 < parse_retry_after(format_datetime(soon, usegmt=True)) <= 60

    @pytest.mark.parametrize(
        "text",
        [None, "", " ", "0", "00", "-5", "+5", "1.5", "1e3", "soon", "٣", "Infinity", "nan", "5 s", "5, 6",
         "Sat, 31 Jan 2026 11:59:59 GMT", "Sat, 31 Jan 2026 12:00:00 GMT", "Wed, 99 Oct 2015 07:28:00 GMT",
         "1 Jan 99999999999999999999 00:00:00 GMT", "Wed, 21 Oct 2026 07:28:00 +99999999999999"],
        ids=repr,
    )  # fmt: skip
    def test_is_none_if_malformed_or_not_in_the_future(self, text):
        assert parse_retry_after(text, NOW) is None
