"""Numbers and dates that nothing can be reckoned with are refused and break nothing."""

import pytest


@pytest.mark.parametrize(
    "price", [b"1e16", b"-1e16", b"100000000000000000000", b"1e400", b'"1e16"', b"12345678901234567890123456789"]
)
def test_a_number_that_nothing_costs_is_refused(api, price):
    body = b'{"name":"x","createdByUser":"%s","pricePerHour":%s}' % (api.server.acting_user_id.encode(), price)
    answer = api.send("POST", "/api/2/projects", body)
    assert answer.status == 400


def test_numbers_deep_in_a_body_are_looked_at(api):
    assert api.create("tasks", name="x", steps=[{"costs": [1, 10**17]}]).status == 400
    assert api.create("tasks", name="x", steps=[{"costs": [1, 10**15]}]).status == 200


def test_amounts_that_grow_beyond_reckoning_are_refused(api):
    item = {"itemType": "general", "unitPrice": 10**15, "numberOfItems": 10**15, "discountPercent": -(10**15)}
    customer = api.server.records("customers")[0]["_id"]
    before = api.server.records("invoices")
    answer = api.create("invoices", customer=customer, language="SV", invoiceItems=[item])
    assert (answer.status, answer.error) == (400, "a date or an amount is out of range")
    assert api.server.records("invoices") == before


def test_large_amounts_are_spelled_as_json_holds_them(api):
    user = api.server.records("users")[0]["_id"]
    prices = {"unitCost": 0, "unitPrice": 10**15, "discountPercent": 0, "taxPercent": 0}
    made = api.create("expenses", user=user, name="x", numberOfItems=10**15, **prices)
    assert made.status == 200
    assert int(made.body["totalAmount"]) == 10**30


@pytest.mark.parametrize(
    ("collection", "query"),
    [("invoices", {"fromInvoiceDate": "0001-01-01"}), ("invoices", {"toInvoiceDate": "9999-12-31"})],
    ids=["first day", "last day"],
)
def test_the_ends_of_the_calendar_are_no_failure(api, collection, query):
    assert api.list(collection, **query).status in (200, 400)


def test_a_time_log_beyond_the_calendar_is_refused(api):
    user = api.server.records("users")[0]["_id"]
    answer = api.create("timeLogs", user=user, timestamp="9999-12-31 23:00", time=10**6)
    assert (answer.status, answer.error) == (400, "a date or an amount is out of range")
    assert api.create("projects", name="x", startDate="0001-01-01").status == 400
