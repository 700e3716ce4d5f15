"""Payments of invoices that were sent through the API."""

import pytest

PAID, SENT = 3, 2


@pytest.fixture
def send(api):
    """Return a function that creates an invoice, with the status sent by default."""
    customer = api.server.records("customers")[0]["_id"]

    def create(status=SENT):
        rows = [{"itemType": "general", "unitPrice": 100}]
        record = {"customer": customer, "language": "SV", "invoiceStatus": status, "invoiceItems": rows}
        return api.create("invoices", **record).body

    return create


def test_invoices_are_not_paid_by_default(api, send):
    created = send()
    api.server.advance(10**7)
    assert api.get("invoices", created["_id"])["invoiceStatus"] == SENT


def test_an_invoice_is_paid_after_the_given_time(api, send):
    api.server.pay_after(30)
    created = send()
    api.server.advance(29.9)
    assert api.get("invoices", created["_id"])["invoiceStatus"] == SENT
    api.server.advance(600)
    paid = api.get("invoices", created["_id"])
    assert (paid["invoiceStatus"], paid["paymentDate"]) == (PAID, "2026-10-01T10:00:30.000Z")
    assert [entry["logType"] for entry in paid["invoiceLogEntries"]] == [1, 2, 3]


def test_with_zero_seconds_the_next_read_returns_a_paid_invoice(api, send):
    api.server.pay_after(0)
    created = send()
    assert created["invoiceStatus"] == SENT
    assert api.list("invoices", invoiceNumber=created["invoiceNumber"]).body["data"][0]["invoiceStatus"] == PAID


def test_a_draft_is_paid_after_it_is_sent(api, send):
    api.server.pay_after(30)
    created = send(status=1)
    api.server.advance(3600)
    rows = [{"itemType": "general", "unitPrice": 100}]
    api.update(
        "invoices", created["_id"], multipleTaxesOnRows=False, taxPercent=25, invoiceItems=rows, invoiceStatus=SENT
    )
    assert api.get("invoices", created["_id"])["invoiceStatus"] == SENT
    api.server.advance(30)
    assert api.get("invoices", created["_id"])["paymentDate"] == "2026-10-01T11:00:30.000Z"


def test_a_later_setting_counts_from_the_sending(api, send):
    created = send()
    api.server.advance(100)
    api.server.pay_after(30)
    assert api.get("invoices", created["_id"])["paymentDate"] == "2026-10-01T10:00:30.000Z"


def test_seeded_deleted_and_obliterated_invoices_are_not_paid(api, send):
    seeded = [one["_id"] for one in api.server.records("invoices") if one["invoiceStatus"] == SENT]
    deleted, obliterated = send(), send()
    rows = [{"itemType": "general", "unitPrice": 100}]
    again = {"multipleTaxesOnRows": False, "taxPercent": 25, "invoiceItems": rows}
    api.update("invoices", obliterated["_id"], invoiceStatus=4, **again)
    api.delete("invoices", deleted["_id"])
    api.server.pay_after(0)
    api.server.advance(10**6)
    status = {one["_id"]: one["invoiceStatus"] for one in api.server.records("invoices")}
    assert {status[one] for one in seeded} == {SENT}
    assert status[obliterated["_id"]] == 4
    assert deleted["_id"] not in status
