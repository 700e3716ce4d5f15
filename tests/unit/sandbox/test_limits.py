"""Limits on numbers and dates."""

import pytest


@pytest.mark.parametrize(
    "price", [b"1e16", b"-1e16", b"100000000000000000000", b"1e400", b'"1e16"', b"12345678901234567890123456789"]
)
def test_too_large_a_number_is_400(api, price):
    body = b'{"name":"x","createdByUser":"%s","pricePerHour":%s}' % (api.server.acting_user_id.encode(), price)
    response = api.send("POST", "/api/2/projects", body)
    assert response.status == 400


def test_nested_numbers_are_checked(api):
    assert api.create("tasks", name="x", steps=[{"costs": [1, 10**17]}]).status == 400
    assert api.create("tasks", name="x", steps=[{"costs": [1, 10**15]}]).status == 200


def test_amounts_that_overflow_are_400(api):
    item = {"itemType": "general", "unitPrice": 10**15, "numberOfItems": 10**15, "discountPercent": -(10**15)}
    customer = api.server.records("customers")[0]["_id"]
    before = api.server.records("invoices")
    response = api.create("invoices", customer=customer, language="SV", invoiceItems=[item])
    assert (response.status, response.error) == (400, "a date or an amount is out of range")
    assert api.server.records("invoices") == before


def test_large_amounts_in_json(api):
    user = api.server.records("users")[0]["_id"]
    prices = {"unitCost": 0, "unitPrice": 10**15, "discountPercent": 0, "taxPercent": 0}
    created = api.create("expenses", user=user, name="x", numberOfItems=10**15, **prices)
    assert created.status == 200
    assert int(created.body["totalAmount"]) == 10**30


@pytest.mark.parametrize(
    ("collection", "query"),
    [("invoices", {"fromInvoiceDate": "0001-01-01"}), ("invoices", {"toInvoiceDate": "9999-12-31"})],
    ids=["first day", "last day"],
)
def test_first_and_last_day_of_the_calendar(api, collection, query):
    assert api.list(collection, **query).status in (200, 400)


def test_a_time_log_beyond_the_calendar_is_400(api):
    user = api.server.records("users")[0]["_id"]
    response = api.create("timeLogs", user=user, timestamp="9999-12-31 23:00", time=10**6)
    assert (response.status, response.error) == (400, "a date or an amount is out of range")
    assert api.create("projects", name="x", startDate="0001-01-01").status == 400
