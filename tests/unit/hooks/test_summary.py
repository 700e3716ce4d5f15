"""Summaries of records for XCom."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from airflow_provider_seventime.contract.codes import InvoiceStatus, SupplierInvoiceStatus
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.hooks.summary import label, plain_values, status_name, summarise

INVOICE = {
    "_id": "5fae99b072aa334cb539ab73",
    "invoiceNumber": "24481",
    "invoiceStatus": 2,
    "totalAmountInclTax": Decimal("1250.50"),
    "customerName": "Åsa Lindqvist",
    "invoiceItems": [{}],
}


def test_an_invoice():
    assert summarise(COLLECTIONS["invoices"], INVOICE) == {
        "_id": "5fae99b072aa334cb539ab73",
        "invoiceNumber": "24481",
        "invoiceStatus": 2,
        "status": "sent",
        "totalAmountInclTax": "1250.50",
    }


def test_a_summary_is_plain_json():
    assert json.loads(json.dumps(summarise(COLLECTIONS["invoices"], INVOICE)))["totalAmountInclTax"] == "1250.50"


@pytest.mark.parametrize("number", ["", None], ids=["empty", "null"])
def test_a_draft_has_no_number(number):
    draft = {**INVOICE, "invoiceNumber": number, "invoiceStatus": 1}

    assert summarise(COLLECTIONS["invoices"], draft)["invoiceNumber"] is None


def test_missing_fields_are_none():
    assert summarise(COLLECTIONS["invoices"], {"_id": "1"}) == {
        "_id": "1",
        "invoiceNumber": None,
        "invoiceStatus": None,
        "status": None,
        "totalAmountInclTax": None,
    }


def test_a_collection_without_number_status_and_amount():
    assert summarise(COLLECTIONS["timeCategories"], {"_id": "1", "name": "Normaltid"}) == {"_id": "1"}


@pytest.mark.parametrize(
    ("codes", "code", "name"),
    [
        pytest.param(InvoiceStatus, 3, "paid", id="code"),
        pytest.param(InvoiceStatus, "3", "paid", id="code-as-text"),
        pytest.param(InvoiceStatus, 7, "customer_loss", id="two-words"),
        pytest.param(SupplierInvoiceStatus, 15, "attest_pending", id="other-codes"),
        pytest.param(InvoiceStatus, 5, "5", id="undocumented"),
        pytest.param(None, 5, "5", id="no-codes-known"),
        pytest.param(InvoiceStatus, None, None, id="no-status"),
    ],
)
def test_status_by_name(codes, code, name):
    assert status_name(codes, code) == name


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        pytest.param(Decimal("12345678901234567890.10"), "12345678901234567890.10", id="decimal"),
        pytest.param({"rows": [{"price": Decimal("5.00")}]}, {"rows": [{"price": "5.00"}]}, id="nested"),
        pytest.param([7, "x", True, None, []], [7, "x", True, None, []], id="what-is-plain-already"),
    ],
)
def test_decimals_become_text(value, plain):
    result = plain_values(value)

    assert result == plain
    assert type(result) is type(plain)


def test_the_record_is_not_modified():
    record = {"totalAmount": Decimal("5.00")}

    plain_values(record)

    assert record == {"totalAmount": Decimal("5.00")}


@pytest.mark.parametrize(
    ("resource", "record", "called"),
    [
        pytest.param(
            "invoices", {"_id": "5fae", "invoiceNumber": "24481"}, "invoices 5fae (number 24481)", id="number"
        ),
        pytest.param("invoices", {"_id": "5fae", "invoiceNumber": ""}, "invoices 5fae", id="draft"),
        pytest.param("timeLogs", {"_id": "5fae"}, "timeLogs 5fae", id="collection-without-numbers"),
    ],
)
def test_label(resource, record, called):
    assert label(COLLECTIONS[resource], record) == called
