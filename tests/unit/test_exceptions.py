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
    BatchError,
    BookingError,
    ConfigError,
    ForbiddenError,
    IncompleteReadError,
    InvalidRecordError,
    MisfitError,
    NotFoundError,
    ProtocolError,
    RateLimitedError,
    ServerError,
    SevenTimeError,
    SieFormatError,
    StoppedError,
    TransportError,
    TransportFault,
    WarehouseError,
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
    MisfitError("a text of 5 characters"),
    AmbiguousWriteError("sent"),
    BatchError("timeLogs", {0: "t-0"}, {1: ServerError(503, "POST", "/api/2/timeLogs", None, 30.0)}, [2]),
    BatchError("tasks", {0: "t-0"}, {1: AmbiguousWriteError("sent")}, repeatable=False),
    IncompleteReadError("moving"),
    StoppedError(),
    WarehouseError("the disk is full", transient=True),
    WarehouseError("hours: the database refuses", transient=False),
    BookingError(["24481: does not add up"]),
    SieFormatError("no #VER", 7),
]
TRANSIENT = {RateLimitedError, ServerError, TransportError, ProtocolError, IncompleteReadError, StoppedError}


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
    # An error within an error has an identity of its own, and the same text.
    assert {name: str(held) for name, held in vars(again).items()} == {
        name: str(held) for name, held in vars(error).items()
    }
    assert again.transient == error.transient


TOLD_WHICH = (WarehouseError,)


@pytest.mark.parametrize("error", [one for one in EXAMPLES if not isinstance(one, TOLD_WHICH)], ids=_id)
def test_only_what_passes_by_itself_is_transient(error):
    wanted = type(error) in TRANSIENT and getattr(error, "fault", "") != "tls"
    assert error.transient == (wanted or (isinstance(error, BatchError) and error.repeatable))


@pytest.mark.parametrize(
    ("failures", "repeatable", "transient"),
    [
        ([ServerError(500, "POST", "/x"), BadRequestError(400, "POST", "/x")], True, True),
        ([BadRequestError(400, "POST", "/x")], True, False),
        ([ServerError(500, "POST", "/x")], False, False),
    ],
    ids=["one passes", "none passes", "not to be repeated"],
)
def test_a_batch_is_worth_another_try_where_one_of_its_records_is(failures, repeatable, transient):
    error = BatchError("timeLogs", {}, dict(enumerate(failures)), repeatable=repeatable)
    assert error.transient == transient


def test_a_batch_lists_twenty_failures_and_the_indices_of_the_rest():
    error = BatchError("timeLogs", {}, {index: NotFoundError(404, "POST", "/x") for index in range(23)})
    lines = str(error).splitlines()
    assert lines[0].startswith("timeLogs: 23 of 23 records failed, 0 exist.")
    assert len(lines) == 22
    assert lines[-1] == "  - and 3 more: 20, 21, 22"


@pytest.mark.parametrize("error", [error for error in EXAMPLES if isinstance(error, ApiError)], ids=_id)
def test_an_api_error_says_what_happened_and_what_to_do(error):
    text = str(error)
    assert text.startswith(f"{error.method} {error.path} returned {error.status}")
    assert error.advice
    assert text.endswith(error.advice)
    if error.api_message:
        assert f": {error.api_message}. " in text


def test_a_message_that_ends_in_a_stop_is_not_given_another():
    text = str(BadRequestError(400, "POST", "/api/2/invoices", "Customer is missing."))
    assert text.startswith("POST /api/2/invoices returned 400: Customer is missing. Correct the record")


def test_an_invalid_record_lists_every_problem():
    assert str(InvalidRecordError("invoices: create", ["customer: required", "language: required"])) == (
        "invoices: create refused before sending, 2 problems:\n  - customer: required\n  - language: required"
    )
    assert "1 problem:" in str(InvalidRecordError("invoices: create", ["customer: required"]))


def test_an_invalid_batch_lists_its_first_problems_and_counts_the_rest():
    error = InvalidRecordError("invoices: create", [f"[{number}].customer: required" for number in range(2000)])

    lines = str(error).splitlines()
    assert lines[0] == "invoices: create refused before sending, 2000 problems:"
    assert lines[-2:] == ["  - [19].customer: required", "  - and 1980 more"]
    assert len(error.problems) == 2000


@pytest.mark.parametrize("fault", get_args(TransportFault))
def test_a_transport_error_names_its_fault(fault):
    error = TransportError(fault, "GET", "/api/2/users", "detail")
    assert str(error) == f"GET /api/2/users got no response ({fault.replace('_', ' ')}): detail"
    assert error.sent
    assert not TransportError(fault, "GET", "/api/2/users", "detail", sent=False).sent


def test_a_sie_error_names_its_line():
    assert str(SieFormatError("no #VER", 7)) == "SIE file, line 7: no #VER"
    assert str(SieFormatError("empty")) == "SIE file: empty"
