"""Rows and addresses that differ between collections or versions of the API."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("item_type", ["machineTimeLog", "driverJournal", "driver journal"])
def test_a_purchase_order_has_no_rows_for_machine_time_and_journeys(complete, problems, item_type):
    record = complete("purchaseOrders")
    record["invoiceItems"][0]["itemType"] = item_type
    (problem,) = problems("purchaseOrders", record)
    assert problem.startswith("invoiceItems[0].itemType: a purchase order has no ")
    assert problem.endswith(" rows; must be one of expense, timeLog, general, blank, text, onlyamount")


@pytest.mark.parametrize("item_type", ["expense", "timelog", "general", "blank", "text", "onlyamount"])
def test_a_purchase_order_accepts_every_other_row(complete, check, item_type):
    record = complete("purchaseOrders")
    record["invoiceItems"][0]["itemType"] = item_type
    check("purchaseOrders", record)


@pytest.mark.parametrize("collection", ["invoices", "supplierInvoices"])
@pytest.mark.parametrize("item_type", ["machineTimeLog", "driverJournal"])
def test_invoices_accept_rows_for_machine_time_and_journeys(complete, check, collection, item_type):
    record = complete(collection)
    record["invoiceItems"][0]["itemType"] = item_type
    check(collection, record)


@pytest.mark.parametrize("field", ["taxPercent", "houseWorkTypeOfWork"])
class TestTaxAndHouseWorkOfASupplierInvoicesRow:
    def test_are_accepted_in_version_1(self, complete, check, field):
        record = complete("supplierInvoices", "create", 1)
        assert field in check("supplierInvoices", record, version=1)["invoiceItems"][0]

    def test_are_refused_in_version_2(self, complete, problems, field):
        record = complete("supplierInvoices")
        record["invoiceItems"][0][field] = 0
        (problem,) = problems("supplierInvoices", record)
        assert problem.startswith(f"invoiceItems[0].{field}: unknown field; ")


def test_a_work_address_requires_its_flag_in_version_2_only(complete, check, problems):
    first = complete("workOrders", "create", 1)
    second = complete("workOrders")
    for record in (first, second):
        del record["workAddress"]["useOtherAddress"]
    check("workOrders", first, version=1)
    assert problems("workOrders", second) == ("workAddress.useOtherAddress: required",)


@pytest.mark.parametrize(
    ("collection", "field"), [("customers", "deliveryAddress"), ("workOrders", "tags")], ids=lambda name: name
)
def test_fields_of_version_2_only_are_refused_in_version_1(complete, problems, collection, field):
    record = complete(collection, "create", 1) | {field: complete(collection)[field]}
    (problem,) = problems(collection, record, version=1)
    assert problem.startswith(f"{field}: unknown field; ")
