from decimal import Decimal

import pytest

ROW = {"itemType": "general", "name": "Arbete", "unitPrice": 527}
HOUSE = {"typeOfProperty": 1, "propertyDescription": "Nyköping Björken 1:17"}
DRAFT, SENT, PAID, OBLITERATED, CUSTOMER_LOSS = 1, 2, 3, 4, 7


@pytest.fixture
def invoice(api):
    """Return a function that creates an invoice to customer 101, who has 30 payment days."""
    customer = api.first("customers", customerNumber="101")["_id"]

    def create(*rows, **fields):
        record = {"customer": customer, "language": "SV", **fields}
        return api.create("invoices", **record, **({"invoiceItems": list(rows)} if rows else {}))

    return create


@pytest.fixture
def change(api):
    """Return a function that updates an invoice, with the fields that a PUT has to repeat."""

    def update(created, **changes):
        rows = [
            {
                name: row[name]
                for name in (
                    "itemType",
                    "name",
                    "unitPrice",
                    "numberOfItems",
                    "taxPercent",
                    "totalAmount",
                    "discountPercent",
                )
                if name in row
            }
            for row in created["invoiceItems"]
        ]
        repeated = {
            "multipleTaxesOnRows": created["multipleTaxesOnRows"],
            "taxPercent": created["taxPercent"],
            "invoiceItems": rows,
        }
        return api.update("invoices", created["_id"], **{**repeated, **changes})

    return update


def amounts(created):
    names = ("totalAmount", "totalTaxAmount", "totalAmountRounding", "totalAmountInclTax")
    return tuple(str(created[name]) for name in names)


def test_a_draft_has_amounts_and_no_number(invoice):
    created = invoice(ROW).body
    assert (created["invoiceStatus"], created["invoiceNumber"], created["sentDate"]) == (DRAFT, "", None)
    assert amounts(created) == ("527", "131.75", "0.25", "659")
    assert (created["customerName"], created["customerNumber"]) == ("Västra Kvarnens Fastigheter AB", "101")
    assert created["customerAddress"] == "Kvarngatan 4<br>602 32 Norrköping"
    assert created["createdByUserName"] == "API Integration"
    assert [entry["logType"] for entry in created["invoiceLogEntries"]] == [1]


def test_a_sent_invoice_has_number_reference_and_date(api, invoice):
    numbers = [invoice(ROW, invoiceStatus=SENT).body for _ in range(2)]
    assert [created["invoiceNumber"] for created in numbers] == ["24506", "24507"]
    assert numbers[0]["OCRNumber"] == "2450674"
    assert numbers[0]["sentDate"] == "2026-10-01T10:00:00.000Z"
    assert [entry["logType"] for entry in numbers[0]["invoiceLogEntries"]] == [1, 2]
    assert api.list("invoices", OCRNumber="2450674").body["data"] == [numbers[0]]


@pytest.mark.parametrize(
    ("language", "name"), [("SV", "Faktura"), ("sv", "Faktura"), ("EN", "Invoice"), ("XX", "Invoice")], ids=str
)
def test_the_name_is_in_the_language_unless_given(invoice, language, name):
    assert invoice(language=language).body["invoiceName"] == name
    assert invoice(language=language, name="September").body["invoiceName"] == "September"


@pytest.mark.parametrize(
    ("fields", "invoice_date", "due_date"),
    [
        ({}, "2026-10-01T10:00:00.000Z", "2026-10-31T22:59:59.999Z"),
        ({"invoiceDate": "2026-07-01"}, "2026-06-30T22:00:00.000Z", "2026-07-31T21:59:59.999Z"),
        ({"invoiceDate": "2020-11-05"}, "2020-11-04T23:00:00.000Z", "2020-12-05T22:59:59.999Z"),
        (
            {"invoiceDate": "2026-07-01", "dueDate": "2026-07-10"},
            "2026-06-30T22:00:00.000Z",
            "2026-07-09T22:00:00.000Z",
        ),
    ],
    ids=["now", "summer", "winter", "due date given"],
)
def test_dates(invoice, fields, invoice_date, due_date):
    created = invoice(ROW, **fields).body
    assert (created["invoiceDate"], created["dueDate"]) == (invoice_date, due_date)


def test_the_due_date_follows_the_customers_days_and_a_changed_date(api, invoice, change):
    customer = api.first("customers", customerNumber="106")
    created = invoice(ROW, customer=customer["_id"], invoiceDate="2026-10-01").body
    assert created["dueDate"] == "2026-10-11T21:59:59.999Z"
    assert change(created, invoiceDate="2026-10-05").body["dueDate"] == "2026-10-15T21:59:59.999Z"
    assert change(created, notes="x").body["dueDate"] == "2026-10-15T21:59:59.999Z"


def test_rows_are_completed(api, invoice):
    category = api.first("timeCategories", name="Normaltid")
    created = invoice(
        {"itemType": "timelog", "timeCategory": category["_id"], "numberOfItems": "7.5"},
        {"itemType": "onlyamount", "name": "Resor", "totalAmount": "400"},
        {"itemType": "text", "name": "Tack"},
    ).body
    rows = created["invoiceItems"]
    assert [row["itemType"] for row in rows] == ["timeLog", "onlyamount", "text"]
    assert [row["itemOrder"] for row in rows] == [1024, 2048, 3072]
    assert [row["name"] for row in rows] == ["Normaltid", "Resor", "Tack"]
    assert [str(row["totalAmount"]) for row in rows] == ["4462.5", "400", "0"]
    assert len({row["_id"] for row in rows}) == 3
    assert amounts(created) == ("4862.5", "1215.63", "-0.13", "6078")


def test_with_several_rates_each_row_has_its_own(invoice):
    rows = [{**ROW, "unitPrice": price, "taxPercent": tax} for price, tax in ((100, 25), (100, 12), (100, 6), (100, 0))]
    created = invoice(*rows, multipleTaxesOnRows=True).body
    assert amounts(created) == ("400", "43", "0", "443")
    assert [row["taxPercent"] for row in created["invoiceItems"]] == [25, 12, 6, 0]


def test_a_construction_invoice_has_no_tax(invoice):
    created = invoice({**ROW, "unitPrice": 100000}, invoiceType=3).body
    assert amounts(created) == ("100000", "0", "0", "100000")
    assert (created["taxPercent"], created["invoiceItems"][0]["taxPercent"]) == (0, 0)


def test_a_rot_invoice_has_its_deduction_beside_the_total(invoice):
    created = invoice(
        {**ROW, "unitPrice": 10000, "houseWorkTypeOfWork": 1},
        {**ROW, "unitPrice": 8400},
        invoiceType=1,
        houseProperties=HOUSE,
    ).body
    assert amounts(created) == ("18400", "4600", "0", "23000")
    assert (created["houseDeductionBasisAmount"], created["houseDeductionAmount"]) == (12500, 3750)
    assert [row["houseWorkFlag"] for row in created["invoiceItems"]] == [True, False]
    assert created["houseProperties"] | HOUSE == created["houseProperties"]


def test_another_currency_needs_its_rate_and_is_not_rounded(invoice):
    response = invoice(ROW, currencyCode="EUR")
    assert response.status == 400
    assert "currencyRate" in response.error
    created = invoice({**ROW, "unitPrice": "10.10"}, currencyCode="EUR", currencyRate="11.42").body
    assert amounts(created) == ("10.1", "2.53", "0", "12.63")
    assert created["currencyRate"] == Decimal("11.42")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"invoiceStatus": PAID}, "invoiceStatus"),
        ({"invoiceType": 1}, "houseProperties"),
        ({"taxPercent": 20}, "taxPercent"),
        ({"invoiceItems": []}, "invoiceItems"),
        ({"invoiceItems": [{"itemType": "timeLog", "timeCategory": "none"}]}, "timeCategory"),
    ],
    ids=["created as paid", "ROT without a property", "no such rate", "no rows", "no such category"],
)
def test_an_invalid_invoice_is_400_and_takes_no_number(invoice, fields, message):
    response = invoice(**fields)
    assert response.status == 400
    assert message in response.error
    assert invoice(ROW, invoiceStatus=SENT).body["invoiceNumber"] == "24506"


def test_every_field_of_a_draft_can_change(change, invoice):
    created = invoice(ROW).body
    changed = change(created, invoiceItems=[{**ROW, "unitPrice": 1000}], invoiceName="Ny", taxPercent=12).body
    assert amounts(changed) == ("1000", "120", "0", "1120")
    assert changed["invoiceName"] == "Ny"
    assert changed["invoiceNumber"] == ""


def test_an_invoice_is_sent_and_paid(api, change, invoice):
    created = invoice(ROW).body
    api.server.advance(60)
    sent = change(created, invoiceStatus=SENT).body
    assert (sent["invoiceNumber"], sent["sentDate"]) == ("24506", "2026-10-01T10:01:00.000Z")
    api.server.advance(60)
    paid = change(sent, invoiceStatus=PAID).body
    assert (paid["invoiceStatus"], paid["paymentDate"]) == (PAID, "2026-10-01T10:02:00.000Z")
    assert paid["invoiceNumber"] == "24506"
    assert [entry["logType"] for entry in paid["invoiceLogEntries"]] == [1, 2, 3]


@pytest.mark.parametrize(
    ("path", "refused"),
    [
        ((DRAFT,), PAID),
        ((DRAFT,), OBLITERATED),
        ((DRAFT,), CUSTOMER_LOSS),
        ((SENT,), DRAFT),
        ((SENT, PAID), SENT),
        ((SENT, PAID), OBLITERATED),
        ((SENT, OBLITERATED), PAID),
        ((SENT, CUSTOMER_LOSS), PAID),
    ],
    ids=str,
)
def test_other_changes_of_status_are_refused(change, invoice, path, refused):
    created = invoice(ROW, invoiceStatus=path[0]).body
    for status in path[1:]:
        created = change(created, invoiceStatus=status).body
    response = change(created, invoiceStatus=refused)
    assert response.status == 400
    assert "invoiceStatus" in response.error


@pytest.mark.parametrize("status", [DRAFT, SENT])
def test_the_current_status_changes_nothing(change, invoice, status):
    created = invoice(ROW, invoiceStatus=status).body
    again = change(created, invoiceStatus=status).body
    assert (again["invoiceNumber"], again["sentDate"]) == (created["invoiceNumber"], created["sentDate"])
    assert again["invoiceLogEntries"] == created["invoiceLogEntries"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"invoiceItems": []}, "invoiceItems"),
        ({"invoiceItems": [{**ROW, "unitPrice": 528}]}, "invoiceItems"),
        ({"invoiceItems": [{**ROW, "name": "Annat"}]}, "invoiceItems"),
        ({"invoiceItems": [{**ROW, "itemType": "onlyamount", "totalAmount": 527}]}, "invoiceItems"),
        ({"invoiceItems": [{**ROW, "numberOfItems": 2, "unitPrice": "263.50"}]}, "invoiceItems"),
        ({"taxPercent": 12}, "taxPercent"),
        ({"multipleTaxesOnRows": True}, "multipleTaxesOnRows"),
        ({"invoiceDate": "2026-09-30"}, "invoiceDate"),
        ({"currencyCode": "EUR", "currencyRate": 11}, "currencyCode"),
        ({"language": "EN"}, "language"),
    ],
    ids=["no rows", "price", "name", "kind", "quantity", "rate", "rates", "date", "currency", "language"],
)
def test_the_content_of_a_sent_invoice_cannot_change(api, change, invoice, changes, message):
    created = invoice(ROW, invoiceStatus=SENT).body
    response = change(created, **changes)
    assert response.status == 400
    assert "24506" in response.error
    assert message in response.error
    assert api.get("invoices", created["_id"]) == created


def test_notes_of_a_sent_invoice_can_change_and_rows_keep_their_ids(change, invoice):
    created = invoice(ROW, invoiceStatus=SENT, invoiceDate="2026-10-01").body
    changed = change(created, notes="ring", marking="M", dueDate="2026-12-24", invoiceDate="2026-10-01").body
    assert (changed["notes"], changed["marking"], changed["dueDate"]) == ("ring", "M", "2026-12-23T23:00:00.000Z")
    assert changed["invoiceItems"] == created["invoiceItems"]
    assert amounts(changed) == amounts(created)


def test_a_sent_invoice_can_be_repeated_with_every_kind_of_row(api, change):
    for invoice in api.server.records("invoices"):
        if invoice["invoiceStatus"] == SENT:
            rows = [{name: value for name, value in row.items() if name in RESTATED} for row in invoice["invoiceItems"]]
            response = change(invoice, invoiceItems=rows, notes="läst")
            assert (response.status, response.body.get("notes")) == (200, "läst"), response.body


RESTATED = {
    "itemType",
    "name",
    "description",
    "numberOfItems",
    "unit",
    "unitCost",
    "timeCategory",
    "unitPrice",
    "pricePerHour",
    "totalAmount",
    "discountPercent",
    "taxPercent",
    "houseWorkTypeOfWork",
}


def test_the_delete_of_an_invoice_returns_its_name_and_number(api, invoice):
    created = invoice(ROW, invoiceStatus=SENT).body
    assert api.delete("invoices", created["_id"]).body == {
        "_id": created["_id"],
        "invoiceName": "Faktura",
        "invoiceNumber": "24506",
    }
    assert invoice(ROW, invoiceStatus=SENT).body["invoiceNumber"] == "24507"


def test_invoices_are_found_by_customer_and_swedish_date(api, invoice):
    created = invoice(ROW, invoiceDate="2026-10-25").body
    query = {"customerNumber": "101", "fromInvoiceDate": "2026-10-25", "toInvoiceDate": "2026-10-25"}
    assert api.list("invoices", **query).body["data"] == [created]
    assert api.list("invoices", **{**query, "customerNumber": "102"}).body["data"] == []
    assert api.list("invoices", fromInvoiceDate="2026-10-26").body["data"] == []
