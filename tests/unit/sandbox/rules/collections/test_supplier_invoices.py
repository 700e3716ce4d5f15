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


def amounts(made):
    return tuple(str(made[name]) for name in ("totalAmount", "totalTaxAmount", "totalAmountToInvoice"))


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


def test_the_rest_is_filled_in(supplier_invoice):
    made = supplier_invoice(ourReference="Maria i kassan").body
    assert made["distributorName"] == "Elgrossisten i Norr AB"
    assert made["supplierInvoiceStatus"] == 1
    assert made["invoiceDate"] == made["dueDate"] == "2026-10-01T10:00:00.000Z"
    assert made["ourReference"] == "Maria i kassan"
    assert (made["currencyCode"], made["currencyRate"]) == ("SEK", 1)


def test_an_update_reckons_anew(api, supplier_invoice):
    made = supplier_invoice().body
    changed = api.update("supplierInvoices", made["_id"], totalAmountInclTax="125.50", supplierInvoiceStatus=10).body
    assert amounts(changed) == ("100.4", "25.1", "100.4")
    assert changed["supplierInvoiceStatus"] == 10


def test_a_work_order_belongs_to_the_project(api, supplier_invoice):
    order = api.server.records("workOrders")[0]
    other = next(one for one in api.server.records("projects") if one["_id"] != order["project"])
    answer = supplier_invoice(workOrder=order["_id"], project=other["_id"])
    assert answer.status == 400
    assert "workOrder" in answer.error
    made = supplier_invoice(workOrder=order["_id"], project=order["project"]).body
    assert (made["workOrderTitle"], made["workOrderNumber"]) == (order["title"], order["workOrderNumber"])


def test_they_are_found_by_status(api, supplier_invoice):
    made = supplier_invoice(supplierInvoiceStatus=50).body
    assert api.list("supplierInvoices", supplierInvoiceStatus=50).body["data"] == [made]


def test_a_delete_shows_the_number(api, supplier_invoice):
    made = supplier_invoice().body
    answer = api.send("DELETE", "/api/2/supplierInvoices/", {"_id": made["_id"]})
    shown = {"_id": made["_id"], "distributorName": made["distributorName"], "supplierInvoiceNumber": "9162"}
    assert answer.body == shown
