"""The API over HTTP: paths, headers, responses."""

import pytest

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind, Filter, FilterKind, Match
from airflow_provider_seventime.sandbox.server import SandboxServer


def test_the_company_is_one_record_without_an_id_in_the_path(api):
    response = api.send("GET", "/api/2/companyInformation")
    assert response.status == 200
    assert response.body["data"]["name"] == "Norrby Bygg & El AB"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/2/"),
        ("GET", "/api/2/nothing"),
        ("GET", "/api/2/timelogs"),
        ("GET", "/api/2/users/unknown"),
        ("GET", "/api/2/users//"),
        ("GET", "/api/2/users/%0A"),
        ("GET", "/api/2/users/%3FisActive=true"),
        ("GET", "/api/2/users/a/b"),
        ("GET", "/api/3/users"),
        ("GET", "/api/2"),
        ("GET", "/api/2/invoiceTags/5f742440d608b2201c3e7bab"),
        ("GET", "/api/2/startTimer"),
        ("GET", "/api/2/documents"),
        ("GET", "/"),
        ("PATCH", "/api/2/users"),
        ("POST", "/api/2/timeCategories"),
        ("PUT", "/api/2/companyInformation"),
        ("DELETE", "/api/2/invoiceTags"),
        ("PUT", "/api/2/users/some-id"),
    ],
    ids=lambda value: value,
)
def test_an_unknown_path_or_operation_is_404(api, method, path):
    response = api.send(method, path, {} if method != "GET" else None)
    assert response.status == 404
    assert response.error


@pytest.mark.parametrize(
    ("method", "body", "status"),
    [("PUT", {"name": "x"}, 404), ("DELETE", {}, 404)],
    ids=["update", "delete"],
)
def test_an_unknown_id_in_a_write_is_404(api, method, body, status):
    acting = {"modifiedByUser" if method == "PUT" else "deletedByUser": api.server.acting_user_id}
    response = api.send(method, "/api/2/customers/", {"_id": "unknown", **acting, **body})
    assert (response.status, response.error) == (status, "no customers with _id unknown")


@pytest.mark.parametrize("key", [None, "", "another"], ids=["none", "empty", "unknown"])
@pytest.mark.parametrize("path", ["/api/2/users", "/api/2/nothing"])
def test_without_a_known_key_every_request_is_401(api, key, path):
    response = api.send("GET", path, headers={"Client-Secret": key})
    assert response.status == 401
    assert "Client-Secret" in response.error


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"Accept": None}, "Accept"),
        ({"Accept": "text/html"}, "Accept"),
        ({"Content-Type": None}, "Content-Type"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, "Content-Type"),
    ],
    ids=str,
)
def test_the_two_required_headers_are_required(api, headers, message):
    response = api.send("POST", "/api/2/customers", {"name": "x"}, headers=headers)
    assert response.status == 400
    assert response.error.startswith(message)


@pytest.mark.parametrize(
    "accept", ["*/*", "application/*", "text/html, application/json;q=0.9", "text/html, */*;q=0.8"]
)
def test_every_accept_header_that_includes_json_is_accepted(api, accept):
    assert api.send("GET", "/api/2/users", headers={"Accept": accept}).status == 200


@pytest.mark.parametrize("content_type", [None, "text/plain"])
def test_a_request_without_a_body_needs_no_content_type(api, content_type):
    assert api.send("GET", "/api/2/users", headers={"Content-Type": content_type}).status == 200


def test_content_type_may_carry_parameters(api):
    headers = {"Content-Type": "application/json; charset=utf-8"}
    body = {"name": "x", "createdByUser": api.server.acting_user_id}
    assert api.send("POST", "/api/2/customers", body, headers=headers).status == 200


@pytest.mark.parametrize("body", [b"", b"{", b'{"name": }', b"\xff\xfe"], ids=["empty", "cut", "wrong", "no UTF-8"])
def test_a_body_that_is_not_json_is_400(api, body):
    response = api.send("POST", "/api/2/customers", body)
    assert response.status == 400
    assert "JSON" in response.error


@pytest.mark.parametrize("body", [[], "text", 1, [{"name": "x"}]], ids=str)
def test_a_body_that_is_not_an_object_is_400(api, body):
    response = api.send("POST", "/api/2/customers", body)
    assert response.status == 400
    assert "object" in response.error


def test_the_message_has_every_problem_of_a_record(api):
    response = api.send("POST", "/api/2/customers", {"nmae": "x", "paymentDays": "many"})
    assert response.status == 400
    for message in ("nmae", "name", "createdByUser", "paymentDays"):
        assert message in response.error


def test_a_wrong_filter_is_400_over_http(api):
    response = api.list("invoices", fromInvoiceDate="1 May")
    assert response.status == 400
    assert "fromInvoiceDate" in response.error


def test_responses_are_utf8_json(api):
    response = api.list("customers", name="€co")
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.body["data"][0]["name"] == "€co Städ & Service AB"


def test_the_fifth_request_of_a_second_is_429_without_retry_after(api_to):
    ticks = iter(range(10**6))
    with SandboxServer(rate_limit=4, monotonic=lambda: next(ticks) / 1000) as server:
        api = api_to(server)
        responses = [api.send("GET", "/api/2/users/") for _ in range(6)]
        assert [response.status for response in responses] == [200] * 4 + [429] * 2
        assert "4 per second" in responses[-1].error
        assert "retry-after" not in {name.lower() for name in responses[-1].headers}
        assert api.control("GET", "state").status == 200
        assert [entry["status"] for entry in server.journal()] == [200] * 4 + [429] * 2


def test_a_new_collection_of_the_contract_is_served(api, monkeypatch):
    newcomer = CollectionSpec(
        name="spareParts",
        create="customers:CustomerCreate",
        delete="customers:CustomerDelete",
        number_field="customerNumber",
        fields={"name": FieldKind.TEXT, "customerNumber": FieldKind.TEXT, "createdDate": FieldKind.INSTANT},
        filters={"name": Filter(FilterKind.TEXT, match=Match.CONTAINS)},
    )
    monkeypatch.setitem(COLLECTIONS, "spareParts", newcomer)
    assert api.list("spareParts").body == {
        "meta": {"totalResources": 0, "totalPages": 0, "currentPage": 1},
        "data": [],
    }
    created = api.create("spareParts", name="Skruv").body
    assert (created["name"], created["customerNumber"]) == ("Skruv", "1001")
    assert created["createdDate"] == "2026-10-01T10:00:00.000Z"
    assert api.list("spareParts", name="SKR").body["data"] == [created]
    assert api.get("spareParts", created["_id"]) == created
    assert api.delete("spareParts", created["_id"]).body == {
        "_id": created["_id"],
        "name": "Skruv",
        "customerNumber": "1001",
    }
    assert api.send("PUT", "/api/2/spareParts", {}).status == 404
