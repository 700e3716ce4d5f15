"""Undocumented fields: refused, or sent with a warning if the connection is not strict."""

from __future__ import annotations

import logging

import pytest

from airflow_provider_seventime.contract.checking import check_filters, check_record
from airflow_provider_seventime.contract.registry import find_collection
from airflow_provider_seventime.dates import SWEDEN, load_zone
from airflow_provider_seventime.exceptions import InvalidRecordError

ZONE = load_zone(SWEDEN)
INVOICE = {
    "customer": "c",
    "createdByUser": "u",
    "language": "SV",
    "peppolId": "0007:5561234567",
    "invoiceItems": [{"itemType": "general", "carbonKg": "1.5"}],
}


def test_an_unknown_field_is_refused_by_default():
    with pytest.raises(InvalidRecordError) as caught:
        check_record(find_collection("invoices"), "create", INVOICE, ZONE)

    assert [problem.split(":")[0] for problem in caught.value.problems] == ["peppolId", "invoiceItems[0].carbonKg"]


def test_not_strict_sends_unknown_fields_with_a_warning_each(caplog):
    with caplog.at_level(logging.WARNING):
        checked = check_record(find_collection("invoices"), "create", INVOICE, ZONE, strict=False)

    assert checked["peppolId"] == "0007:5561234567"
    assert checked["invoiceItems"][0]["carbonKg"] == "1.5"
    assert [record.getMessage() for record in caplog.records] == [
        "invoices: create: sending unknown field peppolId, because the connection is not strict",
        "invoices: create: sending unknown field carbonKg, because the connection is not strict",
    ]


def test_not_strict_still_refuses_invalid_values():
    with pytest.raises(InvalidRecordError, match="language: required"):
        check_record(find_collection("invoices"), "create", {**INVOICE, "language": None}, ZONE, strict=False)


def test_not_strict_sends_unknown_filters_with_a_warning(caplog):
    with pytest.raises(InvalidRecordError, match="paidDate: unknown filter"):
        check_filters(find_collection("invoices"), {"paidDate": "2026-09-01"}, ZONE)
    with caplog.at_level(logging.WARNING):
        query = check_filters(find_collection("invoices"), {"paidDate": "2026-09-01"}, ZONE, strict=False)

    assert query == {"paidDate": "2026-09-01"}
    assert "invoices: sending unknown filter paidDate, because the connection is not strict" in caplog.text


@pytest.mark.parametrize("collection", ["tasks", "startTimer", "stopTimer"])
def test_a_collection_without_documented_fields_accepts_all(collection, caplog):
    checked = check_record(
        find_collection(collection), "create", {"createdByUser": "u", "anything": {"goes": [1]}}, ZONE
    )

    assert checked["anything"] == {"goes": [1]}
    assert caplog.text == ""
