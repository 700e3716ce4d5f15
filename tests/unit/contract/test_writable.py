"""The fields of a response that a request may send back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from airflow_provider_seventime.contract.checking import record_model
from airflow_provider_seventime.contract.registry import COLLECTIONS

SAMPLES = Path(__file__).parents[2] / "contract" / "samples" / "v2"


def test_keeps_the_fields_of_the_write_only():
    answer = {
        "_id": "i-1",
        "customer": "c-1",
        "customerName": "Häll & Søn",
        "totalAmount": 1390,
        "marking": "",
        "project": None,
        "taxPercent": 0,
        "multipleTaxesOnRows": False,
        "deliveryAddress": {"name": "Kontoret", "verified": True, "city": ""},
        "invoiceItems": [
            {"_id": "r-1", "itemType": "general", "numberOfItems": 2, "totalTaxAmount": 5, "unitCost": 0, "unit": None},
            {"_id": "r-2", "itemType": "text", "itemOrder": 2048},
        ],
    }
    assert record_model(COLLECTIONS["invoices"], "update").writable(answer) == {
        "_id": "i-1",
        "customer": "c-1",
        "taxPercent": 0,
        "multipleTaxesOnRows": False,
        "deliveryAddress": {"name": "Kontoret"},
        "invoiceItems": [{"itemType": "general", "numberOfItems": 2, "unitCost": 0}, {"itemType": "text"}],
    }


@pytest.mark.parametrize(
    "collection",
    ["customers", "users", "projects", "workOrders", "timeLogs", "invoices", "supplierInvoices", "expenses",
     "driverJournals", "purchaseOrders", "contactPersons", "distributors"],
)  # fmt: skip
def test_the_writable_fields_of_a_sample_response_are_valid(check, collection):
    answer = json.loads((SAMPLES / f"{collection}.get.json").read_text(encoding="utf-8"))["data"]
    model = record_model(COLLECTIONS[collection], "update")
    check(collection, model.writable(answer), "update", acting_user="user-1")


def test_keeps_invalid_values_for_the_validation(problems):
    model = record_model(COLLECTIONS["invoices"], "update")
    writable = model.writable({"_id": "i-1", "invoiceItems": ["nonsense"], "deliveryAddress": 5})
    assert writable == {"_id": "i-1", "invoiceItems": ["nonsense"], "deliveryAddress": 5}
    assert len(problems("invoices", writable, "update", "user-1")) == 2
