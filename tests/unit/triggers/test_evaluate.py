"""Evaluation of a record while waiting, without clock and network."""

from __future__ import annotations

from decimal import Decimal

import pytest

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.exceptions import ConfigError, ProtocolError
from airflow_provider_seventime.triggers.evaluate import (
    WaitResult,
    evaluate,
    next_interval_seconds,
    parse_statuses,
    read_event,
)

INVOICES = COLLECTIONS["invoices"]
RECORD = {"_id": "5fae", "invoiceNumber": "24481", "invoiceStatus": 2, "totalAmountInclTax": Decimal("1250.00")}
SENT = "invoices 5fae (number 24481, 1250.00 SEK) is sent"


@pytest.mark.parametrize(
    ("targets", "failed", "outcome", "message"),
    [
        pytest.param([2], [4], "reached", SENT, id="target"),
        pytest.param([3, 2], [], "reached", SENT, id="one-of-several-targets"),
        pytest.param([2], [2], "reached", SENT, id="a-target-before-a-failure"),
        pytest.param([3], [4], "waiting", SENT, id="neither"),
        pytest.param([3], [], "waiting", SENT, id="no-failures"),
        pytest.param([3], [4, 2], "failed", "it can no longer reach the target of the wait", id="failure"),
    ],
)
def test_evaluate(targets, failed, outcome, message):
    result = evaluate(INVOICES, RECORD, targets, failed)

    assert result.outcome == outcome
    assert message in result.message
    assert result.record["totalAmountInclTax"] == "1250.00"


@pytest.mark.parametrize(
    ("status", "outcome", "name"),
    [
        pytest.param("3", "reached", "paid", id="code-as-text"),
        pytest.param(5, "waiting", "5", id="undocumented"),
        pytest.param(None, "waiting", "None", id="none"),
    ],
)
def test_evaluate_unusual_statuses(status, outcome, name):
    result = evaluate(INVOICES, {**RECORD, "invoiceStatus": status}, [3], [4])

    assert result.outcome == outcome
    assert f"is {name}" in result.message


def test_evaluate_shows_the_move_of_a_status():
    first = evaluate(INVOICES, RECORD, [3], [])
    paid = evaluate(INVOICES, {**RECORD, "invoiceStatus": 3}, [3], [], previous=first.record)

    assert (first.message, paid.message) == (SENT, SENT.replace("is sent", "sent -> paid"))
    assert evaluate(INVOICES, RECORD, [3], [], previous=first.record).message == SENT


def test_evaluate_a_draft_without_a_number():
    draft = {"_id": "5fae", "invoiceNumber": "", "invoiceStatus": 1}

    assert evaluate(INVOICES, draft, [3], []).message == "invoices 5fae is draft"


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        pytest.param("paid", [3], id="name"),
        pytest.param("customer loss", [7], id="two-words"),
        pytest.param("CUSTOMER_LOSS", [7], id="underscore"),
        pytest.param(3, [3], id="code"),
        pytest.param("sent, paid,", [2, 3], id="text-of-several"),
        pytest.param({"paid"}, [3], id="set"),
        pytest.param((), [], id="none-of-them"),
        pytest.param("", [], id="empty-text"),
    ],
)
def test_parse_statuses(given, codes):
    assert parse_statuses(INVOICES, given, "target_status") == codes


@pytest.mark.parametrize("given", ["payed", 5, None, True, ["paid", "x"], {"paid": 1}], ids=repr)
def test_unknown_statuses_are_refused(given):
    with pytest.raises(ConfigError, match=r"^target_status: "):
        parse_statuses(INVOICES, given, "target_status")


def test_a_collection_without_a_status_is_refused():
    with pytest.raises(
        ConfigError, match="target_status: timeCategories has no status; wait for a field of it by target_field"
    ):
        parse_statuses(COLLECTIONS["timeCategories"], "paid", "target_status")


@pytest.mark.parametrize(
    ("first", "longest", "intervals"),
    [
        pytest.param(60.0, None, [60, 60, 60, 60], id="even"),
        pytest.param(5.0, 30.0, [5, 10, 20, 30], id="doubling"),
        pytest.param(60.0, 30.0, [60, 60, 60, 60], id="never-below-the-first"),
        pytest.param(0.0, 30.0, [0, 0, 0, 0], id="zero"),
    ],
)
def test_intervals_double_up_to_the_longest(first, longest, intervals):
    assert [next_interval_seconds(checks, first, longest) for checks in range(4)] == intervals


def test_the_interval_after_very_many_checks():
    assert next_interval_seconds(100_000, 1.0, 3600.0) == 3600.0


@pytest.mark.parametrize("outcome", ["reached", "failed", "timed_out"])
def test_read_event(outcome):
    event = {"outcome": outcome, "message": "invoices 5fae is paid", "record": {"_id": "5fae"}}

    assert read_event(event) == WaitResult(outcome, "invoices 5fae is paid", {"_id": "5fae"})


@pytest.mark.parametrize("event", [None, {}, [], "reached", {"outcome": "waiting"}, {"outcome": None}], ids=repr)
def test_an_event_of_another_trigger_is_refused(event):
    with pytest.raises(ProtocolError, match="an event that is not one of RecordStatusTrigger"):
        read_event(event)
