"""The error tree: what an error says, what it carries, and that it crosses process borders whole."""

from __future__ import annotations

import inspect
import pickle
from typing import get_args

import pytest

from airflow_provider_seventime import exceptions
from airflow_provider_seventime.exceptions import (
    AmbiguousWriteError,
    ApiError,
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
    SieFormatError,
    TransportError,
    TransportFault,
)

EXAMPLES = [
    ConfigError("the connection is wrong"),
    InvalidRecordError("invoices: create", ["customer: required", "language: required"]),
    BadRequestError(400, "POST", "/api/2/invoices", "customer is missing"),
    AuthenticationError(401, "GET", "/api/2/users"),
    ForbiddenError(403, "GET", "/api/2/users"),
    NotFoundError(404, "GET", "/api/2/users/u"),
    RateLimitedError(429, "GET", "/api/2/users", None, 2.5),
    ServerError(503, "GET", "/api/2/users", "maintenance"),
    TransportError("refused", "GET", "/api/2/users", "nobody is there", sent=False),
    TransportError("tls", "GET", "/api/2/users", "not who it says"),
    ProtocolError("HTML"),
    AmbiguousWriteError("sent"),
    IncompleteReadError("moving"),
    BookingError(["24481: does not add up"]),
    SieFormatError("no #VER", 7),
]
TRANSIENT = {RateLimitedError, ServerError, TransportError, ProtocolError, IncompleteReadError}


def _id(error: SevenTimeError) -> str:
    return f"{type(error).__name__} {getattr(error, 'fault', '')}".strip()


def test_every_class_is_under_the_root_and_has_an_example():
    classes = {
        value
        for value in vars(exceptions).values()
        if inspect.isclass(value) and issubclass(value, Exception) and value.__module__ == exceptions.__name__
    }
    assert all(issubclass(one, SevenTimeError) for one in classes)
    assert classes - {SevenTimeError, ApiError} == {type(error) for error in EXAMPLES}


def test_every_class_stands_in_the_tree_of_the_docstring():
    for error in EXAMPLES:
        assert type(error).__name__ in exceptions.__doc__


@pytest.mark.parametrize("error", EXAMPLES, ids=_id)
def test_an_error_crosses_process_borders_whole(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)
    assert again.transient == error.transient


@pytest.mark.parametrize("error", EXAMPLES, ids=_id)
def test_only_what_passes_by_itself_is_transient(error):
    assert error.transient == (type(error) in TRANSIENT and getattr(error, "fault", "") != "tls")


@pytest.mark.parametrize("error", [error for error in EXAMPLES if isinstance(error, ApiError)], ids=_id)
def test_an_api_error_says_what_happened_and_what_to_do(error):
    text = str(error)
    assert text.startswith(f"{error.method} {error.path} was answered {error.status}")
    assert error.advice
    assert text.endswith(error.advice)
    if error.api_message:
        assert f": {error.api_message}. " in text


def test_a_message_that_ends_in_a_stop_is_not_given_another():
    text = str(BadRequestError(400, "POST", "/api/2/invoices", "Customer is missing."))
    assert text.startswith("POST /api/2/invoices was answered 400: Customer is missing. Correct the record")


def test_an_invalid_record_lists_every_problem():
    assert str(InvalidRecordError("invoices: create", ["customer: required", "language: required"])) == (
        "invoices: create refused before sending, 2 problems:\n  - customer: required\n  - language: required"
    )
    assert "1 problem:" in str(InvalidRecordError("invoices: create", ["customer: required"]))


@pytest.mark.parametrize("fault", get_args(TransportFault))
def test_a_transport_error_names_its_fault(fault):
    error = TransportError(fault, "GET", "/api/2/users", "detail")
    assert str(error) == f"GET /api/2/users got no answer ({fault.replace('_', ' ')}): detail"
    assert error.sent
    assert not TransportError(fault, "GET", "/api/2/users", "detail", sent=False).sent


def test_a_sie_error_names_its_line():
    assert str(SieFormatError("no #VER", 7)) == "SIE file, line 7: no #VER"
    assert str(SieFormatError("empty")) == "SIE file: empty"
