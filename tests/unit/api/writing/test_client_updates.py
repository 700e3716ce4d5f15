"""Updates that merge changes into a record."""

from __future__ import annotations

import pytest
import requests

from airflow_provider_seventime.exceptions import BadRequestError, ConfigError, InvalidRecordError, NotFoundError

ROW = {"itemType": "general", "description": "Arbete", "numberOfItems": 2, "unitPrice": 695, "taxPercent": 25}
INVOICE = {
    "_id": "i-1",
    "customer": "c-1",
    "invoiceStatus": 1,
    "multipleTaxesOnRows": False,
    "taxPercent": 25,
    "notes": "Tack\n[ref: r-1]",
    "marking": "",
    "invoiceItems": [{**ROW, "_id": "r-1", "totalAmount": 1390, "totalTaxAmount": 347.5, "itemOrder": 1024}],
}
REFUSAL = {"status_code": 400, "json": {"errorMessage": "already sent"}}


@pytest.fixture
def holds(api):
    """Let the API return these states of the invoice, one after the other, and respond to PUTs."""

    def held(*states, puts=({"json": {"_id": "i-1", "put": True}},)):
        api.answers("GET", "invoices/i-1", *({"json": {"data": state}} for state in states))
        api.answers("PUT", "invoices", *puts)

    return held


def test_rows_and_taxes_are_taken_from_the_current_record(client, api, holds):
    holds(INVOICE)
    outcome = client.update("invoices", "i-1", {"invoiceStatus": "sent"})
    assert outcome.changed
    assert outcome.record == {"_id": "i-1", "put": True}
    assert api.bodies("PUT") == [
        {
            "_id": "i-1",
            "modifiedByUser": "user-1",
            "invoiceStatus": 2,
            "multipleTaxesOnRows": False,
            "taxPercent": 25,
            "invoiceItems": [{**ROW, "totalAmount": 1390}],
        }
    ]


def test_given_fields_are_not_taken_from_the_record(client, api, holds):
    holds(INVOICE)
    client.update(
        "invoices", "i-1", {"invoiceItems": [{"itemType": "text"}], "multipleTaxesOnRows": True, "taxPercent": 12}
    )
    (body,) = api.bodies("PUT")
    assert body["invoiceItems"] == [{"itemType": "text"}]
    assert (body["multipleTaxesOnRows"], body["taxPercent"]) == (True, 12)


def test_amounts_of_repeated_rows_have_the_same_digits(client, api):
    row = '{"itemType":"general","unitPrice":12.30,"numberOfItems":0.1000}'
    text = '{"data":{"_id":"i-1","multipleTaxesOnRows":true,"invoiceItems":[' + row + "]}}"
    api.answers("GET", "invoices/i-1", {"text": text})
    api.answers("PUT", "invoices", {"json": {"_id": "i-1"}})
    client.update("invoices", "i-1", {"marking": "M"})
    body = api.requests[-1].text
    assert '"unitPrice":12.30' in body
    assert '"numberOfItems":0.1000' in body


@pytest.mark.parametrize(
    ("notes", "sent"),
    [("Nytt", "Nytt\n[ref: r-1]"), ("", "[ref: r-1]"), ("[ref: r-2]", "[ref: r-2]\n[ref: r-1]")],
    ids=repr,
)
def test_a_changed_text_preserves_the_reference(client, api, holds, notes, sent):
    holds(INVOICE)
    client.update("invoices", "i-1", {"notes": notes})
    assert api.bodies("PUT")[0]["notes"] == sent


@pytest.mark.parametrize(
    "changes",
    [{"invoiceStatus": "draft"}, {"invoiceStatus": 1, "taxPercent": "25"}, {"marking": ""},
     {"notes": "Tack"}, {"notes": "Tack\n[ref: r-1]"}, {"multipleTaxesOnRows": "False"}],
    ids=str,
)  # fmt: skip
def test_nothing_is_sent_if_the_record_has_the_changes(client, api, holds, changes):
    holds(INVOICE)
    outcome = client.update("invoices", "i-1", changes)
    assert not outcome.changed
    assert outcome.record["_id"] == "i-1"
    assert api.bodies("PUT") == []


@pytest.mark.parametrize(
    "changes",
    [{"invoiceStatus": 2}, {"invoiceStatus": 1, "marking": "M"}, {"invoiceDate": "2026-01-31"},
     {"invoiceItems": [ROW]}, {"project": "p-1"}, {"multipleTaxesOnRows": True}],
    ids=str,
)  # fmt: skip
def test_other_changes_are_sent(client, api, holds, changes):
    holds(INVOICE)
    assert client.update("invoices", "i-1", changes).changed
    assert len(api.bodies("PUT")) == 1


class TestRefusedAfterLostResponse:
    def test_a_refusal_is_a_success_if_the_record_has_the_changes(self, client, api, holds):
        after = {**INVOICE, "invoiceStatus": 2}
        holds(INVOICE, after, puts=({"exc": requests.ConnectionError("reset")}, REFUSAL))
        outcome = client.update("invoices", "i-1", {"invoiceStatus": "sent"})
        assert outcome.changed
        assert outcome.record["invoiceStatus"] == 2
        assert len(api.bodies("PUT")) == 2

    def test_a_refusal_is_an_error_if_the_record_does_not_have_the_changes(self, client, holds):
        holds(INVOICE, puts=(REFUSAL,))
        with pytest.raises(BadRequestError, match="already sent"):
            client.update("invoices", "i-1", {"invoiceStatus": "sent"})


class TestOtherCollections:
    def test_a_time_log_repeats_its_user(self, client, api):
        api.answers("GET", "timeLogs/t-1", {"json": {"data": {"_id": "t-1", "user": "u-1", "time": 8}}})
        api.answers("PUT", "timeLogs", {"json": {"_id": "t-1"}})
        client.update("timeLogs", "t-1", {"time": "7.5"})
        assert api.bodies("PUT") == [{"_id": "t-1", "modifiedByUser": "user-1", "user": "u-1", "time": 7.5}]

    def test_an_equal_number_with_other_digits_is_no_change(self, client, api):
        api.answers("GET", "timeLogs/t-1", {"text": '{"data": {"_id": "t-1", "user": "u-1", "time": 8.50}}'})
        assert not client.update("timeLogs", "t-1", {"time": 8.5}).changed

    def test_a_customer_repeats_nothing(self, client, api):
        api.answers("GET", "customers/c-1", {"json": {"data": {"_id": "c-1", "name": "Häll", "city": "Malmö"}}})
        api.answers("PUT", "customers", {"json": {"_id": "c-1"}})
        client.update("customers", "c-1", {"city": "Lund"})
        assert api.bodies("PUT") == [{"_id": "c-1", "modifiedByUser": "user-1", "city": "Lund"}]


class TestRefusedBeforeSending:
    @pytest.mark.parametrize(
        ("changes", "said"),
        [({}, "there is nothing to change"), ({"notes": None}, "there is nothing to change"),
         ("text", "must be an object, not str"), (None, "must be an object, not NoneType")],
        ids=repr,
    )  # fmt: skip
    def test_no_changes(self, client, api, changes, said):
        with pytest.raises(InvalidRecordError, match=said):
            client.update("invoices", "i-1", changes)
        assert api.requests == []

    def test_an_id_that_rendered_to_nothing(self, client, api):
        with pytest.raises(ConfigError, match="the id is empty"):
            client.update("invoices", "", {"marking": "M"})
        assert api.requests == []

    def test_wrong_changes_are_not_sent(self, client, api, holds):
        holds(INVOICE)
        with pytest.raises(InvalidRecordError, match="did you mean 'invoiceStatus'"):
            client.update("invoices", "i-1", {"status": 2})
        assert api.bodies("PUT") == []

    def test_a_missing_record(self, client, api):
        api.answers("GET", "invoices/i-1", {"status_code": 404})
        with pytest.raises(NotFoundError):
            client.update("invoices", "i-1", {"marking": "M"})
