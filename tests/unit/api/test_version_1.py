"""Version 1 of the API: request bodies as forms, bare responses, a hundred rows."""

from __future__ import annotations

import logging
from decimal import Decimal
from urllib.parse import parse_qsl

import pytest

from airflow_provider_seventime.api.check import check_connection
from airflow_provider_seventime.api.http.versions import encode_form
from airflow_provider_seventime.contract.codes import InvoiceStatus
from airflow_provider_seventime.exceptions import ConfigError, InvalidRecordError, ProtocolError
from tests.unit.api.conftest import BASE_URL


@pytest.fixture
def first(make_client):
    return make_client(api_version=1)


@pytest.fixture
def answers(api):
    def answer(method, path, **response):
        api._mocker.register_uri(method, f"{BASE_URL}/api/1/{path}", **response)

    return answer


def test_a_list_is_a_bare_array_without_pages(first, answers, api):
    answers("GET", "customers", json=[{"_id": "a", "__v": 0}, {"_id": "b", "__v": 0}])

    assert list(first.list("customers", {"city": "Lund"})) == [{"_id": "a", "__v": 0}, {"_id": "b", "__v": 0}]
    assert api.queries() == [{"city": "Lund"}]


@pytest.mark.parametrize(("rows", "warned"), [(99, False), (100, True)])
def test_a_list_of_a_hundred_rows_is_a_warning(first, answers, caplog, rows, warned):
    answers("GET", "users", json=[{"_id": str(number)} for number in range(rows)])

    with caplog.at_level(logging.WARNING):
        assert len(list(first.list("users"))) == rows
    assert ("there may be more" in caplog.text) is warned


def test_one_record_is_bare(first, answers):
    answers("GET", "workOrders/w1", json={"_id": "w1", "title": "AO1", "__v": 0})

    assert first.get("workOrders", "w1") == {"_id": "w1", "title": "AO1", "__v": 0}


def test_a_create_is_a_form(first, answers, api):
    answers("POST", "customers", json={"_id": "c1", "__v": 0})

    made = first.create(
        "customers",
        {
            "name": "Åkes Rör & El",
            "paymentDays": "20",
            "billingSettings": {
                "isROTCustomer": True,
                "deductionDistribution": [
                    {"userName": "Åke", "personalNumber": "19500101-1234", "distributionPercent": "50.5"}
                ],
            },
        },
    )

    assert made == {"_id": "c1", "__v": 0}
    (sent,) = api.requests
    assert sent.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert set(parse_qsl(sent.text)) == {
        ("name", "Åkes Rör & El"),
        ("createdByUser", "user-1"),
        ("paymentDays", "20"),
        ("billingSettings[isROTCustomer]", "true"),
        ("billingSettings[deductionDistribution][0][userName]", "Åke"),
        ("billingSettings[deductionDistribution][0][personalNumber]", "19500101-1234"),
        ("billingSettings[deductionDistribution][0][distributionPercent]", "50.5"),
    }


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
        (False, "false"),
        (InvoiceStatus.SENT, "2"),
        (7, "7"),
    ],
)
def test_a_value_is_encoded_as_the_api_reads_it(value, written):
    assert parse_qsl(encode_form({"field": value}).decode()) == [("field", written)]


def test_missing_values_are_not_encoded():
    assert encode_form({"a": None, "b": [], "c": {"d": None}}) == b""


@pytest.mark.parametrize("collection", ["timeLogs", "invoices", "companyInformation"])
def test_a_missing_collection_is_named(first, api, collection):
    with pytest.raises(ConfigError, match=f"version 1 of the API has no {collection}: set api_version to 2"):
        first.list(collection)
    assert api.requests == []


@pytest.mark.parametrize(
    ("call", "operation"),
    [
        (lambda client: client.put("customers", "c1", {"name": "N"}), "update"),
        (lambda client: client.delete("workOrders", "w1"), "delete"),
        (lambda client: client.get("users", "u1"), "get"),
        (lambda client: client.create("users", {}), "create"),
        (lambda client: client.list("supplierInvoices"), "list"),
        (lambda client: client.analyse("workOrders"), "analyse"),
    ],
    ids=["update", "delete", "get", "create", "list", "analyse"],
)
def test_a_missing_operation_is_named(first, api, call, operation):
    with pytest.raises(ConfigError, match=f"has no {operation} in version 1 of the API"):
        call(first)
    assert api.requests == []


def test_it_cannot_count(first, api):
    with pytest.raises(ConfigError, match="customers cannot be counted"):
        first.count("customers")
    assert api.requests == []


def test_a_filter_of_version_2_is_refused(first, api):
    with pytest.raises(InvalidRecordError, match="lastModified: unknown filter"):
        first.list("customers", {"lastModified": "2026-01-01"})
    assert api.requests == []


def test_the_filter_of_a_work_orders_project_has_the_name_of_version_1(first, answers, api):
    answers("GET", "workOrders", json=[])

    assert list(first.list("workOrders", {"projectId": "p1"})) == []
    assert api.queries() == [{"projectId": "p1"}]


@pytest.mark.parametrize("rows", [99, 100])
def test_a_search_for_an_existing_record_must_be_complete(first, answers, api, rows):
    answers("GET", "customers", json=[{"_id": str(number)} for number in range(rows)])
    answers("POST", "customers", json={"_id": "c1", "notes": "[ref: r-1]"})

    if rows == 99:
        assert first.create("customers", {"name": "Häll AB"}, "r-1")["_id"] == "c1"
        return
    with pytest.raises(ConfigError, match="customers: the search for an existing record is incomplete"):
        first.create("customers", {"name": "Häll AB"}, "r-1")
    assert [request.method for request in api.requests] == ["GET"]


def test_a_list_is_not_a_record(first, answers):
    answers("GET", "customers/c1", json=["nonsense"])

    with pytest.raises(ProtocolError, match="where the API documents a record"):
        first.get("customers", "c1")


@pytest.mark.parametrize(("rows", "said"), [(3, "has 3 users"), (100, "has at least 100 users")])
def test_the_connection_test_asks_for_users(first, answers, rows, said):
    answers("GET", "users", json=[{"_id": str(number)} for number in range(rows)])

    works, sentence = check_connection(first)

    assert works
    assert said in sentence
