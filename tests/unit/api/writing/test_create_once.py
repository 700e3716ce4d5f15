"""Create once, through the client: one record, however the response is lost."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from airflow_provider_seventime.api.writing.create_requests import MAX_OWNERS, OwnerValues
from airflow_provider_seventime.exceptions import (
    AmbiguousWriteError,
    BadRequestError,
    ConfigError,
    InvalidRecordError,
    ProtocolError,
    RateLimitedError,
    ServerError,
    TransportError,
)

INVOICE = {"customer": "c-1", "language": "SV", "invoiceDate": "2026-01-31", "notes": "Tack"}
RESET = requests.ConnectionError("reset")
SILENCE = requests.ReadTimeout("silence")
REFUSED = requests.ConnectTimeout("refused")


class Books:
    """Server with invoices; each POST may fail before or after it is executed."""

    def __init__(self, mocker, base_url="https://seventime.test"):
        self.invoices = []
        self.posts = []
        self.lists = []
        self.faults = []
        self.appears_after_lists = 0
        mocker.get(re.compile(f"{base_url}/api/2/invoices"), json=self.list)
        mocker.get(f"{base_url}/api/2/customers/c-1", json={"data": {"_id": "c-1", "customerNumber": "3028"}})
        mocker.post(f"{base_url}/api/2/invoices", text=self.post)

    def list(self, request, context):
        self.lists.append(dict(parse_qsl(urlsplit(request.url).query)))
        shown = [one for one in self.invoices if one["visible_from"] <= len(self.lists)]
        records = [{name: value for name, value in one.items() if name != "visible_from"} for one in shown]
        return {"meta": {"totalResources": len(records)}, "data": records}

    def post(self, request, context):
        self.posts.append(request.json())
        when, fault = self.faults.pop(0) if self.faults else ("", None)
        if when != "before":
            visible_from = len(self.lists) + 1 + self.appears_after_lists
            self.invoices.append({**request.json(), "_id": f"i-{len(self.posts)}", "visible_from": visible_from})
        if isinstance(fault, Exception):
            raise fault
        if fault is not None:
            context.status_code = fault
            return "<html>busy</html>"
        return json.dumps({"_id": f"i-{len(self.posts)}", **request.json()})


@pytest.fixture
def books(requests_mock):
    return Books(requests_mock)


@pytest.fixture
def create(client):
    return lambda reference="r-1", record=INVOICE, **more: client.create_or_find(
        "invoices", record, reference=reference, **more
    )


def test_a_new_record_is_created_with_its_reference(books, create):
    outcome = create()
    assert outcome.created
    assert outcome.record["_id"] == "i-1"
    assert books.posts == [{**INVOICE, "notes": "Tack\n[ref: r-1]", "createdByUser": "user-1"}]
    (query,) = books.lists
    assert (query["fromInvoiceDate"], query["toInvoiceDate"]) == ("2026-01-30", "2026-02-01")


def test_an_existing_record_is_returned_and_not_created_again(books, create):
    first, second = create(), create()
    assert (first.created, second.created) == (True, False)
    assert first.record["_id"] == second.record["_id"]
    assert len(books.posts) == 1


def test_another_reference_is_another_record(books, create):
    assert create("r-1").record["_id"] != create("r-2").record["_id"]


def test_without_a_date_the_search_uses_the_customer_number(books, create):
    create(record={"customer": "c-1", "language": "SV"})
    assert books.lists[0]["customerNumber"] == "3028"
    assert books.posts[0]["notes"] == "[ref: r-1]"


def test_the_number_of_a_customer_is_read_once_per_client(books, create, requests_mock, clock):
    def reads():
        return sum("/customers/" in request.url for request in requests_mock.request_history)

    undated = {"customer": "c-1", "language": "SV"}
    for reference in ("r-1", "r-2", "r-3"):
        create(reference, record=undated)
    assert (reads(), len(books.lists), len(books.posts)) == (1, 3, 3)

    clock.now += 601  # a person may have changed it
    create("r-4", record=undated)
    assert reads() == 2


def test_the_oldest_of_many_numbers_is_forgotten(clock):
    class Owners:
        """Endpoints that return customers and count them."""

        reads = 0

        def get(self, collection, record_id):
            self.reads += 1
            return {"_id": record_id, "customerNumber": record_id[1:]}

    endpoints: Any = Owners()
    values = OwnerValues(endpoints, 2, clock)
    for number in range(MAX_OWNERS + 1):
        assert values.get("customers", f"c{number}", "customerNumber") == str(number)
    values.get("customers", f"c{MAX_OWNERS}", "customerNumber")
    assert endpoints.reads == MAX_OWNERS + 1
    values.get("customers", "c0", "customerNumber")
    assert endpoints.reads == MAX_OWNERS + 2


def test_a_reference_that_was_rewritten_is_found(books, create):
    create("Order 17")
    books.invoices[0]["notes"] = "TACK&#10;[REF: ORDER&nbsp;17]"
    assert create("order  17").created is False
    assert len(books.posts) == 1


def test_an_existing_record_may_be_an_error(books, create):
    create(if_exists="fail")
    with pytest.raises(InvalidRecordError, match="the reference 'r-1' is already on i-1"):
        create(if_exists="fail")
    assert len(books.posts) == 1


AFTER_THE_WORK = [RESET, SILENCE, 500, 503, 200]
LOOKS = [2.0, 10.0]
LOOKS_AFTER_SILENCE = [5.0, 15.0, 40.0, 60.0]


@pytest.mark.parametrize("fault", AFTER_THE_WORK, ids=["reset", "silence", "500", "503", "HTML 200"])
@pytest.mark.parametrize("appears_after_lists", [0, 1])
def test_a_record_is_found_after_a_lost_response(books, create, clock, fault, appears_after_lists):
    books.faults = [("after", fault)]
    books.appears_after_lists = appears_after_lists
    outcome = create()
    assert outcome.created
    assert outcome.record["_id"] == "i-1"
    assert len(books.posts) == 1
    assert clock.pauses == (LOOKS_AFTER_SILENCE if fault is SILENCE else LOOKS)[: appears_after_lists + 1]


@pytest.mark.parametrize("appears_after_lists", [2, 3])
def test_after_a_timeout_searches_last_two_minutes_before_the_next_post(books, create, clock, appears_after_lists):
    books.faults = [("after", SILENCE)]
    books.appears_after_lists = appears_after_lists
    assert create().record["_id"] == "i-1"
    assert len(books.posts) == 1
    assert sum(LOOKS_AFTER_SILENCE) == 120


@pytest.mark.parametrize("fault", [RESET, SILENCE, 500], ids=["reset", "silence", "500"])
def test_a_post_that_was_not_executed_is_repeated_after_the_searches(books, create, clock, fault):
    books.faults = [("before", fault)]
    outcome = create()
    assert (outcome.created, outcome.record["_id"]) == (True, "i-2")
    assert len(books.invoices) == 1
    assert len(books.posts) == 2
    assert clock.pauses == (LOOKS_AFTER_SILENCE if fault is SILENCE else LOOKS)


@pytest.mark.parametrize(
    ("fault", "kind"), [(RESET, TransportError), (500, ServerError), (200, ProtocolError)], ids=["reset", "500", "HTML"]
)
def test_three_posts_without_effect_end_in_an_error(books, create, fault, kind):
    books.faults = [("before", fault)] * 9
    with pytest.raises(kind):
        create()
    assert len(books.posts) == 3
    assert books.invoices == []


def test_the_whole_call_may_be_repeated(books, create):
    books.faults = [("after", RESET)]
    books.appears_after_lists = 99
    books.faults += [("before", RESET)] * 2
    with pytest.raises(TransportError):
        create()
    books.invoices[0]["visible_from"] = 0
    assert create().record["_id"] == "i-1"
    assert len(books.invoices) == 1


def test_a_refused_connection_is_retried_without_a_search(books, create):
    books.faults = [("before", REFUSED), ("before", REFUSED)]
    assert create().record["_id"] == "i-3"
    assert len(books.lists) == 1


def test_a_429_is_retried_without_a_search(books, create):
    books.faults = [("before", 429), ("before", 429)]
    assert create().record["_id"] == "i-3"
    assert len(books.lists) == 1


@pytest.mark.parametrize(
    ("fault", "kind"), [(429, RateLimitedError), (REFUSED, TransportError)], ids=["429", "refused"]
)
def test_constant_refusals_end_without_a_record(books, create, fault, kind):
    books.faults = [("before", fault)] * 99
    with pytest.raises(kind):
        create()
    assert len(books.posts) == 6
    assert len(books.lists) == 1


def test_an_invalid_record_is_posted_once(books, create):
    books.faults = [("before", 400)]
    with pytest.raises(BadRequestError):
        create()
    assert len(books.posts) == 1


def test_a_record_of_another_customer_is_refused(books, create):
    create()
    with pytest.raises(InvalidRecordError, match="belongs to customer c-1, not to c-2"):
        create(record={**INVOICE, "customer": "c-2"})
    assert len(books.posts) == 1


def test_a_reference_missing_from_the_response_is_logged(requests_mock, client, caplog):
    requests_mock.get("https://seventime.test/api/2/timeLogs", json={"meta": {"totalResources": 0}, "data": []})
    requests_mock.post("https://seventime.test/api/2/timeLogs", json={"_id": "t-1", "user": "u"})
    client.create("timeLogs", {"user": "u", "timestamp": "2026-03-01 08:00", "time": 8, "customer": "c"}, "r-1")
    assert "timeLogs t-1 was created, and the response does not show the reference 'r-1' in internalDesc" in caplog.text


def test_a_reference_in_the_response_is_not_logged(books, create, caplog):
    create()
    assert caplog.text == ""


CUSTOMER = {"name": "Häll AB", "customerNumber": "C-1"}


class TestByNumber:
    """Without a reference, a lost response is resolved by a unique number."""

    @pytest.fixture
    def server(self, requests_mock):
        held, faults = [], []

        def listed(request, context):
            return {"meta": {"totalResources": len(held)}, "data": held}

        def posted(request, context):
            when, fault = faults.pop(0) if faults else ("", None)
            if when != "before":
                held.append({**request.json(), "_id": "k-1"})
            if fault:
                raise fault
            return {**request.json(), "_id": "k-1"}

        requests_mock.get("https://seventime.test/api/2/customers", json=listed)
        requests_mock.post("https://seventime.test/api/2/customers", json=posted)
        requests_mock.held, requests_mock.faults = held, faults
        return requests_mock

    def test_there_is_no_search_before_the_post(self, server, client):
        client.create("customers", CUSTOMER)
        assert [request.method for request in server.request_history] == ["POST"]

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_lost_response_is_searched_by_number(self, server, client, when):
        server.faults.append((when, RESET))
        assert client.create("customers", CUSTOMER)["_id"] == "k-1"
        assert len(server.held) == 1
        looks = [request for request in server.request_history if request.method == "GET"]
        assert all(request.qs["customernumber"] == ["c-1"] for request in looks)

    def test_a_different_record_with_the_number_is_ambiguous(self, server, client):
        server.held.append({"_id": "k-0", "customerNumber": "C-1", "name": "Annan AB"})
        server.faults.append(("before", RESET))
        with pytest.raises(
            AmbiguousWriteError, match=r"customerNumber 'C-1' is on k-0, which differs in name: it existed"
        ):
            client.create("customers", CUSTOMER)
        assert len(server.held) == 1

    def test_an_existing_record_may_be_returned(self, server, client):
        server.held.append({"_id": "k-0", "customerNumber": "C-1", "name": "Häll & Söner AB"})
        outcome = client.create_or_find("customers", CUSTOMER, reference=None)
        assert (outcome.record["_id"], outcome.created) == ("k-0", False)

    def test_the_number_narrows_the_search_for_a_reference(self, server, client):
        client.create("customers", CUSTOMER, "crm-1")
        assert server.request_history[0].qs["customernumber"] == ["c-1"]


class TestWithoutReference:
    @pytest.mark.parametrize("fault", AFTER_THE_WORK, ids=["reset", "silence", "500", "503", "HTML 200"])
    def test_a_lost_response_is_ambiguous_and_not_sent_again(self, books, create, fault):
        books.faults = [("after", fault)]
        with pytest.raises(AmbiguousWriteError, match="the record was sent and the response was lost") as caught:
            create(reference=None)
        assert caught.value.__cause__ is not None
        assert len(books.posts) == 1
        assert books.lists == []

    @pytest.mark.parametrize("fault", [429, REFUSED], ids=["429", "refused"])
    def test_a_post_that_certainly_did_nothing_is_sent_again(self, books, create, fault):
        books.faults = [("before", fault)] * 2
        outcome = create(reference=None)
        assert (outcome.created, outcome.record["_id"]) == (True, "i-3")
        assert books.posts[0] == {**INVOICE, "createdByUser": "user-1"}

    def test_create_returns_the_record_alone(self, books, client):
        assert client.create("invoices", INVOICE)["_id"] == "i-1"
        assert client.create("invoices", INVOICE, "r-1")["_id"] == "i-2"


class TestRefusedBeforeSending:
    @pytest.mark.parametrize("record", ["text", None, [1], 5], ids=repr)
    def test_a_record_that_is_no_object(self, books, create, record):
        with pytest.raises(InvalidRecordError, match="must be an object"):
            create(record=record)

    @pytest.mark.parametrize("notes", [{"a": 1}, True, ["Tack"]], ids=repr)
    def test_notes_that_are_no_text(self, books, create, notes):
        with pytest.raises(InvalidRecordError, match="notes: input should be a valid string"):
            create(record={**INVOICE, "notes": notes})

    def test_a_reference_that_rendered_to_nothing(self, books, create):
        with pytest.raises(ConfigError, match="is empty"):
            create("")

    def test_a_field_that_cannot_have_a_reference(self, books, create):
        with pytest.raises(ConfigError, match="is not a writable text field of invoices"):
            create(reference_field="customerName")

    def test_a_wrong_record(self, books, create):
        with pytest.raises(InvalidRecordError, match="invoices: create refused before sending, 1 problem"):
            create(record={"customer": "c-1"})

    @pytest.fixture(autouse=True)
    def nothing_is_sent(self, books):
        yield
        assert books.posts == books.lists == []


def test_notes_that_are_a_number_are_taken_as_text(books, create):
    create(record={**INVOICE, "notes": 24481})
    assert books.posts[0]["notes"] == "24481\n[ref: r-1]"


def test_another_field_may_have_the_reference(books, create):
    create(reference_field="marking")
    assert books.posts[0]["marking"] == "[ref: r-1]"
    assert books.posts[0]["notes"] == "Tack"
    assert not create(reference_field="marking").created
