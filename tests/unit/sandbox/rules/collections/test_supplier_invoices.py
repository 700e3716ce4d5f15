import pytest


@pytest.fixture
def supplier_invoice(api):
    distributor = api.server.records("distributors")[0]["_id"]

    def create(**record):
        return api.create(
            "supplierInvoices",
            **{"supplierInvoiceNumber": "9162", "distributor": distributor, "totalAmountInclTax": 100000, **record},
        )

    return create


def amounts(created):
    return tuple(str(created[name]) for name in ("totalAmount", "totalTaxAmount", "totalAmountToInvoice"))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({}, ("80000", "20000", "80000")),
        ({"totalAmountInclTax": "100000"}, ("80000", "20000", "80000")),
        ({"taxPercent": 12}, ("89285.71", "10714.29", "89285.71")),
        ({"taxPercent": 0}, ("100000", "0", "100000")),
        ({"markupPercent": 10}, ("80000", "20000", "88000")),
    ],
    ids=["25 as in the sample", "as text", "12", "none", "markup"],
)
def test_net_and_tax_come_from_the_total(supplier_invoice, record, expected):
    assert amounts(supplier_invoice(**record).body) == expected


def test_other_fields_have_defaults(supplier_invoice):
    created = supplier_invoice(ourReference="Maria i kassan").body
    assert created["distributorName"] == "Elgrossisten i Norr AB"
    assert created["supplierInvoiceStatus"] == 1
    assert created["invoiceDate"] == created["dueDate"] == "2026-10-01T10:00:00.000Z"
    assert created["ourReference"] == "Maria i kassan"
    assert (created["currencyCode"], created["currencyRate"]) == ("SEK", 1)


def test_an_update_computes_again(api, supplier_invoice):
    created = supplier_invoice().body
    changed = api.update("supplierInvoices", created["_id"], totalAmountInclTax="125.50", supplierInvoiceStatus=10).body
    assert amounts(changed) == ("100.4", "25.1", "100.4")
    assert changed["supplierInvoiceStatus"] == 10


def test_a_work_order_belongs_to_the_project(api, supplier_invoice):
    order = api.server.records("workOrders")[0]
    other = next(one for one in api.server.records("projects") if one["_id"] != order["project"])
    response = supplier_invoice(workOrder=order["_id"], project=other["_id"])
    assert response.status == 400
    assert "workOrder" in response.error
    created = supplier_invoice(workOrder=order["_id"], project=order["project"]).body
    assert (created["workOrderTitle"], created["workOrderNumber"]) == (order["title"], order["workOrderNumber"])


def test_supplier_invoices_are_found_by_status(api, supplier_invoice):
    created = supplier_invoice(supplierInvoiceStatus=50).body
    assert api.list("supplierInvoices", supplierInvoiceStatus=50).body["data"] == [created]


def test_the_delete_returns_the_number(api, supplier_invoice):
    created = supplier_invoice().body
    response = api.send("DELETE", "/api/2/supplierInvoices/", {"_id": created["_id"]})
    shown = {"_id": created["_id"], "distributorName": created["distributorName"], "supplierInvoiceNumber": "9162"}
    assert response.body == shown
