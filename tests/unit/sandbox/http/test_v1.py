"""Version 1 of the API: responses without a wrapper, form bodies, at most a hundred rows."""

from urllib.parse import urlencode

import pytest

from airflow_provider_seventime.contract.registry import COLLECTIONS

V1 = {name: collection.v1 for name, collection in COLLECTIONS.items() if collection.v1 is not None}
LISTED = sorted(name for name, spec in V1.items() if spec.listed)
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": None}


@pytest.fixture
def v1(api):
    """Return a function that sends a request of version 1: no Accept, and Content-Type only with a body."""

    def send(method, path, form=None, headers=None, **query):
        body = urlencode(form).encode() if isinstance(form, dict) else form
        headers = {**FORM, **({"Content-Type": None} if body is None else {}), **(headers or {})}
        return api.send(method, f"/api/1/{path}", body, headers=headers, params=query or None)

    return send


@pytest.mark.parametrize("collection", LISTED)
def test_a_list_is_an_array_of_records_with_version_keys(api, v1, collection):
    response = v1("GET", collection)
    assert response.status == 200
    assert response.body == [{**record, "__v": 0} for record in api.server.records(collection)]


@pytest.mark.parametrize("collection", sorted(name for name, spec in V1.items() if spec.gettable))
def test_one_record_is_not_wrapped(api, v1, collection):
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


def test_filters_of_version_1(api, v1):
    order = api.server.records("workOrders")[0]
    assert [row["_id"] for row in v1("GET", "workOrders", workOrderNumber=order["workOrderNumber"]).body] == [
        order["_id"]
    ]
    of_project = v1("GET", "workOrders", projectId=order["project"]).body
    assert {row["project"] for row in of_project} == {order["project"]}
    assert [row["firstName"] for row in v1("GET", "users", name="åke").body] == ["Åke"]
    newer = v1("GET", "workOrders", lastModified="2026-01-01 10:00")
    assert (newer.status, newer.error[:12]) == (400, "lastModified")


def test_a_customer_is_created_from_a_form_with_brackets(api, v1):
    form = {
        "name": "Nya Kvarnen & Co AB",
        "paymentDays": "20",
        "billingSettings[isROTCustomer]": "true",
        "billingSettings[deductionDistribution][0][userName]": "Åsa Ek",
        "billingSettings[deductionDistribution][0][personalNumber]": "19520101-9801",
        "billingSettings[deductionDistribution][0][distributionPercent]": "100",
    }
    created = v1("POST", "customers", form)
    assert created.status == 200
    assert (created.body["name"], created.body["paymentDays"], created.body["__v"]) == ("Nya Kvarnen & Co AB", 20, 0)
    assert created.body["billingSettings"]["isROTCustomer"] is True
    assert created.body["billingSettings"]["deductionDistribution"][0]["distributionPercent"] == 100
    stored = api.get("customers", created.body["_id"])
    assert {**stored, "__v": 0} == created.body


def test_a_work_order_may_have_a_chosen_unique_number(api, v1):
    form = {
        "title": "Support",
        "customer": api.server.records("customers")[0]["_id"],
        "createdByUser": api.server.acting_user_id,
        "users[0]": api.server.records("users")[1]["_id"],
        "workOrderNumber": "7001",
    }
    created = v1("POST", "workOrders", form).body
    assert (created["workOrderNumber"], len(created["users"])) == (7001, 1)
    again = v1("POST", "workOrders", form)
    assert (again.status, "workOrderNumber: 7001 is taken" in again.error) == (400, True)
    assert v1("POST", "workOrders", {**form, "workOrderNumber": "A-100"}).body["workOrderNumber"] == "A-100"
    assert v1("POST", "workOrders", {**form, "workOrderNumber": "A-100"}).status == 400
    del form["workOrderNumber"]
    assert v1("POST", "workOrders", form).body["workOrderNumber"] == 4822


def test_a_supplier_invoice_is_created(api, v1):
    form = {
        "supplierInvoiceNumber": "9162",
        "createdByUser": api.server.acting_user_id,
        "distributor": api.server.records("distributors")[0]["_id"],
        "totalAmountInclTax": "100000",
        "invoiceItems[0][itemType]": "general",
        "invoiceItems[0][unitPrice]": "80000",
    }
    created = v1("POST", "supplierInvoices/", form, headers={"Content-Type": "x-www-form-urlencoded"})
    assert created.status == 200
    assert (created.body["totalAmount"], created.body["invoiceItems"][0]["totalAmount"]) == (80000, 80000)
    assert (created.body["supplierInvoiceStatus"], created.body["__v"]) == (1, 0)


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
def test_an_operation_that_version_1_lacks_is_404(v1, method, path):
    response = v1(method, path, None if method == "GET" else {"name": "x"})
    assert (response.status, bool(response.error)) == (404, True)


def test_a_write_has_to_be_a_form(v1):
    response = v1("POST", "customers", b'{"name": "x"}', headers={"Content-Type": "application/json"})
    assert (response.status, response.error) == (400, "Content-Type: must be application/x-www-form-urlencoded")
    response = v1("POST", "customers", b'{"name": "x"}')
    assert (response.status, "not a form" in response.error) == (400, True)
    response = v1("POST", "customers", {"nmae": "x"})
    assert (response.status, "name: required" in response.error, "nmae" in response.error) == (400, True, True)


def test_the_key_is_checked(v1):
    assert v1("GET", "users", headers={"Client-Secret": "another"}).status == 401


def test_requests_of_version_1_trigger_faults(api, v1):
    api.server.set_faults([{"kind": "status", "status": 503, "collection": "users"}])
    assert [v1("GET", "users").status for _ in range(2)] == [503, 200]
    assert [entry["path"] for entry in api.server.journal()] == ["/api/1/users"] * 2
