"""Version 1 of the API: bare answers, forms, a hundred rows."""

from urllib.parse import urlencode

import pytest

from airflow_provider_seventime.contract.registry import COLLECTIONS

FIRST = {name: entry.v1 for name, entry in COLLECTIONS.items() if entry.v1 is not None}
LISTED = sorted(name for name, edition in FIRST.items() if edition.listed)
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": None}


@pytest.fixture
def v1(api):
    """Speak version 1: no Accept, and no Content-Type where there is no body."""

    def send(method, path, form=None, headers=None, **query):
        body = urlencode(form).encode() if isinstance(form, dict) else form
        headers = {**FORM, **({"Content-Type": None} if body is None else {}), **(headers or {})}
        return api.send(method, f"/api/1/{path}", body, headers=headers, params=query or None)

    return send


@pytest.mark.parametrize("collection", LISTED)
def test_a_list_is_a_bare_array_with_version_keys(api, v1, collection):
    answer = v1("GET", collection)
    assert answer.status == 200
    assert answer.body == [{**record, "__v": 0} for record in api.server.records(collection)]


@pytest.mark.parametrize("collection", sorted(name for name, edition in FIRST.items() if edition.gettable))
def test_one_record_is_bare(api, v1, collection):
    record = api.server.records(collection)[-1]
    assert v1("GET", f"{collection}/{record['_id']}").body == {**record, "__v": 0}
    missing = v1("GET", f"{collection}/nothing")
    assert (missing.status, missing.body.keys()) == (404, {"errorMessage"})


def test_a_list_has_a_hundred_rows_and_no_second_page(api, v1):
    api.server.load({"customers": [{"_id": f"c{number:03}", "name": f"Kund {number:03}"} for number in range(120)]})
    rows = v1("GET", "customers", sortBy="name", sortDirection="descending").body
    assert len(rows) == 100
    assert [row["name"] for row in rows] == sorted((row["name"] for row in rows), reverse=True)
    assert len(v1("GET", "customers", page=2, limit=500).body) == 100


def test_its_filters_are_its_own(api, v1):
    order = api.server.records("workOrders")[0]
    assert [row["_id"] for row in v1("GET", "workOrders", workOrderNumber=order["workOrderNumber"]).body] == [
        order["_id"]
    ]
    of_project = v1("GET", "workOrders", projectId=order["project"]).body
    assert {row["project"] for row in of_project} == {order["project"]}
    assert [row["firstName"] for row in v1("GET", "users", name="åke").body] == ["Åke"]
    newer = v1("GET", "workOrders", lastModified="2026-01-01 10:00")
    assert (newer.status, newer.error[:12]) == (400, "lastModified")


def test_a_customer_is_made_from_a_form_with_brackets(api, v1):
    form = {
        "name": "Nya Kvarnen & Co AB",
        "paymentDays": "20",
        "billingSettings[isROTCustomer]": "true",
        "billingSettings[deductionDistribution][0][userName]": "Åsa Ek",
        "billingSettings[deductionDistribution][0][personalNumber]": "19520101-9801",
        "billingSettings[deductionDistribution][0][distributionPercent]": "100",
    }
    made = v1("POST", "customers", form)
    assert made.status == 200
    assert (made.body["name"], made.body["paymentDays"], made.body["__v"]) == ("Nya Kvarnen & Co AB", 20, 0)
    assert made.body["billingSettings"]["isROTCustomer"] is True
    assert made.body["billingSettings"]["deductionDistribution"][0]["distributionPercent"] == 100
    kept = api.get("customers", made.body["_id"])
    assert {**kept, "__v": 0} == made.body


def test_a_work_order_may_choose_its_number_if_nobody_has_it(api, v1):
    form = {
        "title": "Support",
        "customer": api.server.records("customers")[0]["_id"],
        "createdByUser": api.server.acting_user_id,
        "users[0]": api.server.records("users")[1]["_id"],
        "workOrderNumber": "7001",
    }
    made = v1("POST", "workOrders", form).body
    assert (made["workOrderNumber"], len(made["users"])) == (7001, 1)
    again = v1("POST", "workOrders", form)
    assert (again.status, "workOrderNumber: 7001 is taken" in again.error) == (400, True)
    assert v1("POST", "workOrders", {**form, "workOrderNumber": "first"}).status == 400
    del form["workOrderNumber"]
    assert v1("POST", "workOrders", form).body["workOrderNumber"] == 4822


def test_a_supplier_invoice_is_made(api, v1):
    form = {
        "supplierInvoiceNumber": "9162",
        "createdByUser": api.server.acting_user_id,
        "distributor": api.server.records("distributors")[0]["_id"],
        "totalAmountInclTax": "100000",
        "invoiceItems[0][itemType]": "general",
        "invoiceItems[0][unitPrice]": "80000",
    }
    made = v1("POST", "supplierInvoices/", form, headers={"Content-Type": "x-www-form-urlencoded"})
    assert made.status == 200
    assert (made.body["totalAmount"], made.body["invoiceItems"][0]["totalAmount"]) == (80000, 80000)
    assert (made.body["supplierInvoiceStatus"], made.body["__v"]) == (1, 0)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "timeLogs"),
        ("GET", "users/some-id"),
        ("GET", "supplierInvoices"),
        ("POST", "users"),
        ("PUT", "customers"),
        ("DELETE", "customers"),
        ("POST", "analytics/timeLogs"),
        ("GET", "companyInformation"),
    ],
    ids=" ".join,
)
def test_what_version_1_does_not_have_is_404(v1, method, path):
    answer = v1(method, path, None if method == "GET" else {"name": "x"})
    assert (answer.status, bool(answer.error)) == (404, True)


def test_a_write_is_a_form(v1):
    answer = v1("POST", "customers", b'{"name": "x"}', headers={"Content-Type": "application/json"})
    assert (answer.status, answer.error) == (400, "Content-Type: must be application/x-www-form-urlencoded")
    answer = v1("POST", "customers", b'{"name": "x"}')
    assert (answer.status, "not a form" in answer.error) == (400, True)
    answer = v1("POST", "customers", {"nmae": "x"})
    assert (answer.status, "name: required" in answer.error, "nmae" in answer.error) == (400, True, True)


def test_key_and_rate_limit_are_the_same(v1):
    assert v1("GET", "users", headers={"Client-Secret": "another"}).status == 401


def test_faults_strike_it_too(api, v1):
    api.server.set_faults([{"kind": "status", "status": 503, "collection": "users"}])
    assert [v1("GET", "users").status for _ in range(2)] == [503, 200]
    assert [entry["path"] for entry in api.server.journal()] == ["/api/1/users"] * 2
