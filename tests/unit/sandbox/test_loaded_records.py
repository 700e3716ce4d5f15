"""Records loaded with no more than an id: the API can update them and refer to them."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.contract.checking import record_model
from airflow_provider_seventime.contract.registry import COLLECTIONS

BARE = "bare-record"
SERVED = [name for name, collection in COLLECTIONS.items() if collection.created_resource is None]
UPDATED = sorted(name for name in SERVED if "update" in COLLECTIONS[name].operations)


@pytest.fixture
def loaded(api):
    api.server.load({name: [{COLLECTIONS[name].id_field: BARE}] for name in SERVED if name != "companyInformation"})
    return api


@pytest.mark.parametrize("name", UPDATED)
def test_bare_record_can_be_updated(loaded, name):
    fields = record_model(COLLECTIONS[name], "update").model_fields
    required = {info.alias or field: BARE for field, info in fields.items() if info.is_required()}
    response = loaded.send("PUT", f"/api/2/{name}/", {"modifiedByUser": BARE, **required})
    assert (response.status, response.body.get("_id")) == (200, BARE)


def test_row_can_refer_to_bare_records(loaded):
    rows = [
        {"itemType": "expense", "expenseItem": BARE},
        {"itemType": "timeLog", "timeCategory": BARE},
        {"itemType": "machineTimeLog", "machine": BARE},
        {"itemType": "driverJournal", "driverJournalItemType": BARE},
    ]
    created = loaded.create("invoices", customer=BARE, language="SV", invoiceItems=rows)
    assert created.status == 200
    assert [row["totalAmount"] for row in created.body["invoiceItems"]] == [0, 0, 0, 0]


def test_expense_and_journey_can_refer_to_bare_records(loaded):
    expense = loaded.create("expenses", user=BARE, expenseItem=BARE)
    assert (expense.status, expense.body["unitTaxPercent"]) == (200, 25)
    journey = loaded.create(
        "driverJournals",
        user=BARE,
        driverJournalItemType=BARE,
        vehicle=BARE,
        startAddress="Lund",
        endAddress="Malmö",
        travelPurpose="Möte",
        startOdometer=1,
        endOdometer=20,
    )
    assert (journey.status, journey.body["isInvoiceable"]) == (200, True)


def test_timer_can_start_beside_a_bare_timer(loaded):
    assert loaded.send("POST", "/api/2/startTimer", {"user": BARE}).status == 200
