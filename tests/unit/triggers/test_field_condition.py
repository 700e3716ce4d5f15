"""Conditions on a record's field: how they are parsed, and which records match."""

from __future__ import annotations

from decimal import Decimal

import pytest

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import FieldKind
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.triggers.evaluate import evaluate, parse_statuses
from airflow_provider_seventime.triggers.field_condition import FieldCondition, is_set, normalise, parse_field_condition

QUOTES = COLLECTIONS["quotes"]
ACCEPTED, REJECTED = FieldCondition("acceptedDate"), FieldCondition("rejectedDate")
QUOTE = {"_id": "5fae", "quoteNumber": "17", "quoteStatus": 2, "totalAmountInclTax": Decimal("1250.00")}


def parsed(resource, field, *values, **options):
    return parse_field_condition(
        COLLECTIONS[resource],
        field,
        values[0] if values else None,
        parameter="target",
        any_value=not values,
        **options,
    )


@pytest.mark.parametrize("value", ["2026-10-01T22:00:00.000Z", "x", True, 0, Decimal(0), [1], {"a": 1}], ids=repr)
def test_set(value):
    assert is_set(value)


@pytest.mark.parametrize("value", [None, "", False, [], {}], ids=repr)
def test_not_set(value):
    assert not is_set(value)


@pytest.mark.parametrize(
    ("kind", "values", "normalised"),
    [
        pytest.param(FieldKind.BOOLEAN, [True, "True", "true", " TRUE ", 1, "1"], "true", id="true"),
        pytest.param(FieldKind.BOOLEAN, [False, "False", 0, "0"], "false", id="false"),
        pytest.param(FieldKind.INTEGER, [500, "500", " 500 ", Decimal("500.0")], "500", id="integer"),
        pytest.param(FieldKind.NUMBER, ["12.50", Decimal("12.5"), 12.5], "12.5", id="number"),
        pytest.param(FieldKind.TEXT, ["RUNNING", " RUNNING\n"], "RUNNING", id="text"),
        pytest.param(FieldKind.TEXT, ["0017"], "0017", id="text-of-digits"),
        pytest.param(None, [True], "true", id="undocumented-boolean"),
        pytest.param(None, [Decimal("7.00"), 7, "7"], "7", id="undocumented-number"),
    ],
)
def test_normalise(kind, values, normalised):
    assert {normalise(value, kind) for value in values} == {normalised}


@pytest.mark.parametrize(
    ("resource", "field", "values", "conditions"),
    [
        pytest.param("supplierInvoices", "isBooked", "True", ("true",), id="boolean-of-a-template"),
        pytest.param("workOrders", "status", [500, "600"], ("500", "600"), id="codes"),
        pytest.param("workOrders", "status", "500, 600", ("500", "600"), id="text-of-several"),
        pytest.param("workOrders", "billingMethod", "RUNNING", ("RUNNING",), id="text"),
        pytest.param("purchaseOrders", "purchaseOrderStatus", ["delivered", 4], ("10", "4"), id="status-by-name"),
        pytest.param("supplierInvoices", "isBooked", False, ("false",), id="false"),
    ],
)
def test_parse_values(resource, field, values, conditions):
    assert parsed(resource, field, values) == FieldCondition(field, conditions)


def test_parse_any_value():
    assert parsed("quotes", " acceptedDate ") == ACCEPTED


@pytest.mark.parametrize(
    ("resource", "field", "values", "said"),
    [
        pytest.param("quotes", "acceptDate", [], "target_field: .*did you mean 'acceptedDate'", id="misspelt"),
        pytest.param("quotes", "", [], "target_field is empty", id="no-field"),
        pytest.param("quotes", None, [], "target_field is empty", id="field-rendered-to-none"),
        pytest.param("quotes", "acceptedDate", ["2026-10-01"], "acceptedDate is an instant", id="instant"),
        pytest.param("quotes", "marking", [""], "target_values is empty", id="rendered-to-nothing"),
        pytest.param("quotes", "marking", ["None"], "target_values is empty", id="rendered-to-none"),
        pytest.param("quotes", "marking", [None], "target_values is empty", id="none"),
        pytest.param("quotes", "marking", [[]], "target_values is empty", id="no-values"),
        pytest.param("quotes", "archived", ["ja"], "archived must be true or false, not 'ja'", id="no-boolean"),
        pytest.param("quotes", "quoteStatus", ["accepted"], "quoteStatus must be a number", id="status-without-names"),
        pytest.param("invoices", "invoiceStatus", ["payed"], "did you mean 'paid'", id="misspelt-status"),
    ],
)
def test_invalid_fields_and_values_are_refused(resource, field, values, said):
    with pytest.raises(ConfigError, match=said):
        parsed(resource, field, *values)


def test_undocumented_fields():
    assert parsed("quotes", "newField", "x", strict=False) == FieldCondition("newField", ("x",))
    # The vendor documents few fields of a task, so none is refused.
    assert parsed("tasks", "completedDate") == FieldCondition("completedDate")


@pytest.mark.parametrize(
    ("record", "outcome", "said"),
    [
        pytest.param(
            {"acceptedDate": None}, "waiting", "quotes 5fae (number 17, 1250.00 SEK) has no acceptedDate", id="null"
        ),
        pytest.param({}, "waiting", "has no acceptedDate, has no rejectedDate", id="left-out"),
        pytest.param({"acceptedDate": False}, "waiting", "has acceptedDate false", id="false"),
        pytest.param({"acceptedDate": "2026-10-01T10:00:00.000Z"}, "reached", "has acceptedDate 2026-10-01", id="set"),
        pytest.param(
            {"rejectedDate": "2026-10-01T10:00:00.000Z"}, "failed", "it can no longer reach the target", id="failed"
        ),
        pytest.param({"acceptedDate": "x", "rejectedDate": "y"}, "reached", "has acceptedDate x", id="target-first"),
    ],
)
def test_evaluate_fields(record, outcome, said):
    result = evaluate(QUOTES, {**QUOTE, **record}, [], [], target_field=ACCEPTED, failed_field=REJECTED)

    assert result.outcome == outcome
    assert said in result.message
    assert result.record["acceptedDate"] == record.get("acceptedDate")


def test_evaluate_a_field_and_failed_statuses():
    result = evaluate(QUOTES, QUOTE, [], [2], target_field=ACCEPTED)

    assert (result.outcome, result.message) == (
        "failed",
        "quotes 5fae (number 17, 1250.00 SEK) is 2, has no acceptedDate: it can no longer reach the target of the wait",
    )


@pytest.mark.parametrize(
    ("field", "values", "held", "holds"),
    [
        pytest.param("archived", ("true",), True, True, id="true"),
        pytest.param("archived", ("true",), False, False, id="false"),
        pytest.param("archived", ("false",), False, True, id="waiting-for-false"),
        pytest.param("archived", ("false",), None, False, id="null-is-not-false"),
        pytest.param("quoteStatus", ("3",), 3, True, id="code"),
        pytest.param("quoteStatus", ("3",), "3", True, id="code-as-text"),
        pytest.param("totalAmount", ("1000",), Decimal("1000.00"), True, id="number"),
        pytest.param("totalAmount", ("1000",), "vet ej", False, id="number-that-is-none"),
        pytest.param("marking", ("a", "b"), "b ", True, id="one-of-several"),
        pytest.param("marking", ("a", "b"), "ab", False, id="none-of-them"),
        pytest.param("undocumentedField", ("7",), Decimal("7.0"), True, id="undocumented"),
    ],
)
def test_evaluate_values(field, values, held, holds):
    result = evaluate(QUOTES, {**QUOTE, field: held}, [], [], target_field=FieldCondition(field, values))

    assert result.outcome == ("reached" if holds else "waiting")


def test_the_fields_of_the_conditions_are_returned_as_plain_values():
    result = evaluate(QUOTES, QUOTE | {"totalCost": Decimal("7.10")}, [], [], target_field=FieldCondition("totalCost"))

    assert result.record["totalCost"] == "7.10"


@pytest.mark.parametrize(("given", "codes"), [("3", [3]), (3, [3]), ("2, 3", [2, 3]), ([2, "3"], [2, 3])], ids=repr)
def test_statuses_without_names_are_given_by_code(given, codes):
    assert parse_statuses(QUOTES, given, "target_status") == codes


@pytest.mark.parametrize("given", ["accepted", "-1", True, None, "2.0"], ids=repr)
def test_statuses_without_names_are_refused_by_name(given):
    with pytest.raises(
        ConfigError, match=r"^target_status: .* is not a code; the statuses of quotes have no documented"
    ):
        parse_statuses(QUOTES, given, "target_status")
