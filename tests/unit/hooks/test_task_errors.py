"""Errors that end a task, and their text."""

from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_seventime.exceptions import (
    AmbiguousWriteError,
    AuthenticationError,
    BadRequestError,
    BookingError,
    ConfigError,
    ForbiddenError,
    IncompleteReadError,
    InvalidRecordError,
    NotFoundError,
    ProtocolError,
    RateLimitedError,
    ServerError,
    SevenTimeError,
    TransportError,
)
from airflow_provider_seventime.hooks.task_errors import PermanentTaskError, permanent_failures_end_the_task
from tests.one_line import one_line

WHERE = ("GET", "/api/2/invoices")
PERMANENT = [
    ConfigError("page_size: 0"),
    InvalidRecordError("invoices: create", ["language: required"]),
    BadRequestError(400, *WHERE, "invoiceStatus"),
    AuthenticationError(401, *WHERE),
    ForbiddenError(403, *WHERE),
    NotFoundError(404, *WHERE),
    TransportError("tls", *WHERE, "the certificate is of another name", sent=False),
    AmbiguousWriteError("the answer was lost"),
    BookingError(["24481: no rows"]),
]
TRANSIENT = [
    RateLimitedError(429, *WHERE, retry_after_seconds=2.0),
    ServerError(503, *WHERE),
    TransportError("refused", *WHERE, "refuses connections", sent=False),
    TransportError("read_timeout", *WHERE, "was silent for 60 s"),
    ProtocolError("an HTML page"),
    IncompleteReadError("the list kept changing"),
]


def name_of(error):
    return f"{type(error).__name__}-{getattr(error, 'fault', '')}".rstrip("-")


@pytest.mark.parametrize("error", PERMANENT, ids=name_of)
def test_a_permanent_error_ends_the_task(error):
    text = one_line(error)

    with pytest.raises(PermanentTaskError) as caught, permanent_failures_end_the_task():
        raise error

    assert isinstance(caught.value, AirflowFailException)
    assert isinstance(caught.value, SevenTimeError)
    assert one_line(caught.value) == text
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("error", TRANSIENT, ids=name_of)
def test_a_transient_error_passes_unchanged(error):
    with pytest.raises(SevenTimeError) as caught, permanent_failures_end_the_task():
        raise error

    assert caught.value is error
    assert not isinstance(caught.value, AirflowFailException)


def test_a_foreign_error_passes_unchanged():
    with pytest.raises(ZeroDivisionError), permanent_failures_end_the_task():
        raise ZeroDivisionError


def test_no_error():
    with permanent_failures_end_the_task():
        done = True
    assert done
