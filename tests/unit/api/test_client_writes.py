"""Updates and deletes through the client."""

from __future__ import annotations

from decimal import Decimal

import pytest
import requests

from airflow_provider_seventime.exceptions import (
    AmbiguousWriteError,
    BadRequestError,
    ConfigError,
    InvalidRecordError,
    NotFoundError,
    ProtocolError,
)

RESET = {"exc": requests.ConnectionError("reset")}
REFUSED = {"exc": requests.ConnectTimeout("refused")}
GONE = {"status_code": 404, "json": {"errorMessage": "Not found"}}


class TestUpdate:
    def test_sends_the_changes_with_id_and_acting_user(self, client, api):
        api.answers("PUT", "timeLogs", {"json": {"_id": "t-1", "time": 8}})
        answer = client.put("timeLogs", "t-1", {"user": "u-1", "time": "7.50", "timestamp": "2026-01-05T07:00Z"})
        assert answer == {"_id": "t-1", "time": 8}
        assert api.bodies("PUT") == [
            {"_id": "t-1", "modifiedByUser": "user-1", "user": "u-1", "time": 7.5, "timestamp": "2026-01-05 08:00"}
        ]
        assert '"time":7.50' in api.requests[0].text

    def test_the_id_is_that_of_the_call(self, client, api):
        api.answers("PUT", "timeLogs", {"json": {"_id": "t-1"}})
        client.put("timeLogs", " t-1 ", {"user": "u-1", "_id": "another"})
        assert api.bodies("PUT")[0]["_id"] == "t-1"

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"user": "u-1", "hours": 8}, "hours: unknown field; did you mean 'time'"),
            ({"time": "eight"}, "2 problems"),
            ("text", "must be an object, not str"),
            (None, "must be an object, not NoneType"),
        ],
        ids=repr,
    )
    def test_wrong_changes_are_refused_before_sending(self, client, api, changes, said):
        with pytest.raises(InvalidRecordError, match=said):
            client.put("timeLogs", "t-1", changes)
        assert api.requests == []

    def test_an_id_that_rendered_to_nothing_is_refused(self, client, api):
        with pytest.raises(ConfigError, match="the id is empty"):
            client.put("timeLogs", "None", {"user": "u-1"})
        assert api.requests == []

    def test_a_collection_without_updates_is_refused(self, client):
        with pytest.raises(ConfigError, match="timeCategories has no update"):
            client.put("timeCategories", "t-1", {"name": "x"})

    def test_a_refusal_shows_the_apis_message(self, client, api):
        api.answers("PUT", "timeLogs", {"status_code": 400, "json": {"errorMessage": "User is locked."}})
        with pytest.raises(BadRequestError, match=r"^PUT /api/2/timeLogs returned 400: User is locked\. Correct"):
            client.put("timeLogs", "t-1", {"user": "u-1"})

    @pytest.mark.parametrize("body", ["[]", "null", '"Time log updated"', "5"])
    def test_a_response_without_a_record_is_malformed(self, client, api, body):
        api.answers("PUT", "timeLogs", {"text": body})
        with pytest.raises(ProtocolError, match=r"^PUT /api/2/timeLogs returned .* where the API documents a record"):
            client.put("timeLogs", "t-1", {"user": "u-1"})


class TestDelete:
    def test_sends_id_and_acting_user(self, client, api):
        api.answers("DELETE", "invoices", {"json": {"_id": "i-1", "invoiceNumber": "24511"}})
        assert client.delete("invoices", "i-1") == {"_id": "i-1", "invoiceNumber": "24511"}
        assert api.bodies("DELETE") == [{"_id": "i-1", "deletedByUser": "user-1"}]

    def test_sends_no_acting_user_if_the_api_takes_none(self, client, api):
        api.answers("DELETE", "supplierInvoices", {"json": {"_id": "s-1"}})
        client.delete("supplierInvoices", "s-1")
        assert api.bodies("DELETE") == [{"_id": "s-1"}]

    def test_an_acting_user_is_required_if_the_api_requires_one(self, make_client, api):
        with pytest.raises(
            InvalidRecordError, match="deletedByUser: required; set it, or set the acting user's id as the login"
        ):
            make_client(login=None).delete("invoices", "i-1")
        assert api.requests == []

    def test_a_time_log_may_be_deleted_without_acting_user(self, make_client, api):
        api.answers("DELETE", "timeLogs", {"json": {"_id": "t-1"}})
        make_client(login=None).delete("timeLogs", "t-1")
        assert api.bodies("DELETE") == [{"_id": "t-1"}]

    def test_a_missing_record_is_an_error(self, client, api):
        api.answers("DELETE", "invoices", GONE)
        with pytest.raises(NotFoundError):
            client.delete("invoices", "i-1")
        assert len(api.requests) == 1

    @pytest.mark.parametrize(
        "first",
        [RESET, {"exc": requests.ReadTimeout()}, {"status_code": 500}, {"status_code": 503}, {"text": "<html>"},
         {"content": b""}],
        ids=["reset", "silence", "500", "503", "HTML", "empty"],
    )  # fmt: skip
    def test_a_missing_record_after_a_lost_response_is_a_success(self, client, api, first):
        api.answers("DELETE", "invoices", first, GONE)
        assert client.delete("invoices", "i-1") == {"_id": "i-1"}
        assert len(api.requests) == 2

    @pytest.mark.parametrize("first", [{"status_code": 429}, REFUSED], ids=["429", "refused"])
    def test_a_missing_record_after_a_request_without_effect_is_an_error(self, client, api, first):
        api.answers("DELETE", "invoices", first, GONE)
        with pytest.raises(NotFoundError):
            client.delete("invoices", "i-1")

    def test_one_lost_response_among_several_attempts_is_enough(self, client, api):
        api.answers("DELETE", "invoices", {"status_code": 429}, RESET, {"status_code": 429}, GONE)
        assert client.delete("invoices", "i-1") == {"_id": "i-1"}

    def test_a_lost_response_does_not_affect_the_next_delete(self, client, api):
        api.answers("DELETE", "invoices", RESET, GONE, GONE)
        client.delete("invoices", "i-1")
        with pytest.raises(NotFoundError):
            client.delete("invoices", "i-2")

    @pytest.mark.parametrize("record_id", [None, "", "None"], ids=repr)
    def test_an_id_that_rendered_to_nothing_is_refused(self, client, api, record_id):
        with pytest.raises(ConfigError, match="invoices: the id is empty"):
            client.delete("invoices", record_id)
        assert api.requests == []

    def test_a_collection_without_deletes_is_refused(self, client):
        with pytest.raises(ConfigError, match="invoiceTags has no delete"):
            client.delete("invoiceTags", "t-1")


class TestCreate:
    def test_amounts_are_sent_with_their_digits(self, client, api):
        api.answers("POST", "supplierInvoices", {"json": {"_id": "s-1"}})
        client.create(
            "supplierInvoices",
            {"supplierInvoiceNumber": 9162, "distributor": "d-1", "totalAmountInclTax": Decimal("1234567890123.10"),
             "invoiceItems": [{"itemType": "expense", "expenseItem": "e", "unitCost": "0.10", "numberOfItems": 3}]},
        )  # fmt: skip
        (request,) = api.requests
        assert '"totalAmountInclTax":1234567890123.10' in request.text
        assert '"unitCost":0.10' in request.text
        assert '"supplierInvoiceNumber":"9162"' in request.text

    @pytest.mark.parametrize("body", ["{}", '{"_id": null}', "[]", "null", '{"data": {"_id": "a"}}'])
    def test_a_response_without_an_id_is_ambiguous(self, client, api, body):
        api.answers("POST", "customers", {"text": body})
        with pytest.raises(AmbiguousWriteError):
            client.create("customers", {"name": "Häll AB"})
        assert len(api.requests) == 1

    def test_a_wrong_record_is_refused_before_sending(self, client, api):
        with pytest.raises(InvalidRecordError, match="name: required"):
            client.create("customers", {})
        assert api.requests == []


def test_a_client_may_be_used_after_it_was_closed(client, api):
    api.answers("GET", "timeLogs/t-1", {"json": {"data": {"_id": "t-1"}}})
    with client:
        client.get("timeLogs", "t-1")
    assert client.get("timeLogs", "t-1") == {"_id": "t-1"}
