"""Validation of filters and sorts, and their form in requests."""

# ruff: noqa: DTZ001 - times without a zone are among what is tested

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from airflow_provider_seventime.contract.checking import check_filters, check_sort
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import CollectionSpec, Filter, FilterKind
from airflow_provider_seventime.exceptions import InvalidRecordError
from airflow_provider_seventime.templates import EMPTY

SAMPLES = {
    FilterKind.ID: [("5fb64449", "5fb64449"), (" a ", "a"), (7, "7")],
    FilterKind.TEXT: [("Häll & Søn", "Häll & Søn"), (24481, "24481"), ("None", "None")],
    FilterKind.NUMBER: [(5555, "5555"), ("5555", "5555"), (Decimal(12), "12")],
    FilterKind.BOOLEAN: [(True, "true"), ("False", "false"), (0, "false")],
    FilterKind.DATE: [
        (date(2026, 1, 31), "2026-01-31"),
        ("2026-01-31", "2026-01-31"),
        (datetime(2026, 1, 31, 23, 0, tzinfo=UTC), "2026-02-01"),
        (datetime(2026, 1, 31, 23, 0), "2026-01-31"),
    ],
    FilterKind.TIME: [
        (date(2026, 1, 31), "2026-01-31 00:00"),
        (datetime(2026, 1, 31, 23, 0, tzinfo=UTC), "2026-02-01 00:00"),
        ("2026-06-30T22:00:05Z", "2026-07-01 00:00:05"),
        ("2026-01-31 08:15", "2026-01-31 08:15"),
    ],
}
NONSENSE = {
    FilterKind.ID: [["a"], 1.5, True, "None"],
    FilterKind.TEXT: [["a"], {"a": 1}, True, 1.5],
    FilterKind.NUMBER: ["four", True, [1], "nan"],
    FilterKind.BOOLEAN: ["yes", 2, "None"],
    FilterKind.CODE: ["unpaid", 99, True],
    FilterKind.DATE: ["31/1 2026", 20260131, True, ["2026-01-31"], "None"],
    FilterKind.TIME: ["yesterday", 5, date.min, "2026-01-31 25:00"],
}
EVERY_FILTER = [(name, filter_name) for name, resource in COLLECTIONS.items() for filter_name in resource.filters]


def refused(collection, filters, zone):
    with pytest.raises(InvalidRecordError) as caught:
        check_filters(COLLECTIONS[collection], filters, zone)
    assert caught.value.subject == f"{collection}: filters"
    return caught.value.problems


def test_every_filter_accepts_the_values_of_its_kind(zone, subtests):
    for resource, name in EVERY_FILTER:
        known = COLLECTIONS[resource].filters[name]
        for value, text in SAMPLES.get(known.kind) or [(code.name, str(code.value)) for code in known.codes]:
            with subtests.test(f"{resource}: {name}={value!r}"):
                assert check_filters(COLLECTIONS[resource], {name: value}, zone) == {name: text}


def test_every_filter_refuses_values_of_another_kind(zone, subtests):
    for resource, name in EVERY_FILTER:
        for value in NONSENSE[COLLECTIONS[resource].filters[name].kind]:
            with subtests.test(f"{resource}: {name}={value!r}"):
                (problem,) = refused(resource, {name: value}, zone)
                assert problem.startswith(f"{name}: ")


def test_empty_filters_are_refused(zone, subtests):
    for resource, name in EVERY_FILTER:
        for value in (None, "", "  "):
            with subtests.test(f"{resource}: {name}={value!r}"):
                found = refused(resource, {name: value}, zone)
                assert found == (f"{name}: {EMPTY}, or leave the filter out to read without it",)


def test_one_error_has_every_problem_with_a_suggestion(zone):
    assert refused("invoices", {"invoicedate": "x", "fromInvoiceDate": "x", "customerNumber": None, 5: 1}, zone) == (
        "invoicedate: unknown filter; did you mean 'toInvoiceDate'?",
        "fromInvoiceDate: must be a date (YYYY-MM-DD), not 'x'",
        f"customerNumber: {EMPTY}, or leave the filter out to read without it",
        "5: unknown filter; known are: OCRNumber, customerNumber, fromDueDate, fromInvoiceDate, invoiceNumber, "
        "toDueDate, toInvoiceDate",
    )


def test_invoices_have_no_filter_for_the_time_of_change(zone):
    (problem,) = refused("invoices", {"lastModified": "2026-01-31 08:00"}, zone)
    assert problem.startswith("lastModified: unknown filter; ")


@pytest.mark.parametrize("name", ["sortBy", "sortDirection", "limit", "page"])
def test_parameters_of_paging_and_sorting_are_not_filters(zone, name):
    (problem,) = refused("invoices", {name: "1"}, zone)
    assert problem.startswith(f"{name}: unknown filter; ")


@pytest.mark.parametrize("filters", ["{}", ["project"], 5], ids=repr)
def test_a_value_that_is_not_an_object_is_refused(zone, filters):
    assert refused("timeLogs", filters, zone) == (f"must be an object, not {type(filters).__name__}",)


@pytest.mark.parametrize("filters", [None, {}], ids=repr)
def test_filters_are_optional(zone, filters):
    assert check_filters(COLLECTIONS["timeLogs"], filters, zone) == {}


def test_a_missing_required_filter_is_refused(zone):
    resource = CollectionSpec(name="orders", fields={}, filters={"project": Filter(FilterKind.ID, required=True)})
    with pytest.raises(InvalidRecordError) as caught:
        check_filters(resource, None, zone)
    assert caught.value.problems == ("project: required",)
    assert check_filters(resource, {"project": "p"}, zone) == {"project": "p"}


@pytest.mark.parametrize(
    ("sort_by", "field", "direction"),
    [
        (None, "_id", "ascending"),
        ("", "_id", "ascending"),
        ("_id", "_id", "ascending"),
        ("-_id", "_id", "descending"),
        ("invoiceDate", "invoiceDate", "ascending"),
        ("-totalAmount", "totalAmount", "descending"),
    ],
)
def test_a_sort_is_by_field_and_direction(sort_by, field, direction):
    assert check_sort(COLLECTIONS["invoices"], sort_by) == {"sortBy": field, "sortDirection": direction}


@pytest.mark.parametrize("sort_by", ["invoicedate", "-invoicedate", "--invoiceDate", "-"])
def test_an_unknown_sort_is_refused(sort_by):
    with pytest.raises(InvalidRecordError, match="invoices: sort refused before sending, 1 problem:"):
        check_sort(COLLECTIONS["invoices"], sort_by)


@pytest.mark.parametrize(
    ("collection", "filters", "advice"),
    [
        ("workOrders", {"customer": "1001"}, "Read the _id from customers first, with the filter customerNumber."),
        ("workOrders", {"customer": 1001}, "Read the _id from customers first, with the filter customerNumber."),
        ("timeLogs", {"workOrder": "17"}, "Use the filter workOrderNumber instead."),
        ("timeLogs", {"user": "12"}, "Read the _id from users first, by the field employeeNumber."),
        ("contactPersons", {"customerId": "9"}, "Read the _id from customers first, with the filter customerNumber."),
        ("timeLogs", {"category": "3"}, "Use the _id of the record."),
    ],
    ids=str,
)
def test_a_number_where_an_id_belongs_is_a_warning(collection, filters, advice, zone, caplog):
    (name,) = filters
    check_filters(COLLECTIONS[collection], filters, zone)
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage() == (
        f"{collection}: the filter {name} takes an id (24 letters and digits) and has a number.\n{advice}"
    )


@pytest.mark.parametrize(
    "filters",
    [{"customer": "571f61330c7f498a2d0001a4"}, {"customer": "5" * 24}, {"workOrderNumber": "1001"}],
    ids=["id", "id of digits", "filter by number"],
)
def test_an_id_is_no_number(filters, zone, caplog):
    check_filters(COLLECTIONS["workOrders"], filters, zone)
    assert caplog.records == []
