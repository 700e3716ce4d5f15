"""Rules of every collection: number series, dates, references and the names beside them."""

import pytest


def test_a_new_customer_gets_the_next_number_dates_and_defaults(api):
    created = api.create("customers", name="Nya Bygget AB", billingSettings={"isROTCustomer": True}).body
    assert created["customerNumber"] == "113"
    assert created["createdDate"] == created["modifiedDate"] == "2026-10-01T10:00:00.000Z"
    assert (created["paymentDays"], created["isActive"]) == (30, True)
    assert created["billingSettings"]["isROTCustomer"] is True
    assert created["billingSettings"]["deductionDistribution"] == []
    assert "createdByUser" not in created
    assert api.get("customers", created["_id"]) == created


def test_a_series_skips_used_numbers(api):
    assert api.create("customers", name="By hand", customerNumber="114").body["customerNumber"] == "114"
    assert [api.create("customers", name=name).body["customerNumber"] for name in "AB"] == ["113", "115"]


@pytest.mark.parametrize(
    ("collection", "field", "record"),
    [
        ("customers", "customerNumber", {"name": "x"}),
        ("projects", "projectNumber", {"name": "x"}),
        ("users", "userName", {"firstName": "A", "lastName": "B", "email": "a@b.example", "userRoleId": "1"}),
    ],
)
def test_a_used_number_is_refused(api, collection, field, record):
    taken = api.server.records(collection)[0]
    response = api.create(collection, **record, **{field: taken[field]})
    assert response.status == 400
    assert field in response.error
    assert taken["_id"] in response.error
    other = api.server.records(collection)[1]
    assert api.update(collection, other["_id"], **{field: taken[field]}).status == 400
    assert api.update(collection, taken["_id"], **{field: taken[field]}).status == 200


def test_ids_ascend_in_the_order_of_creation(api):
    created = [api.create("customers", name=f"Kund {number}").body["_id"] for number in range(5)]
    everyone = [record["_id"] for record in api.list("customers", limit=500, sortBy="_id").body["data"]]
    assert everyone[-5:] == created == sorted(created)
    assert all(len(one) == 24 and int(one, 16) for one in created)


def test_an_update_changes_the_given_fields_only(api):
    before = api.first("customers", name="Åsa Lindqvist")
    api.server.advance(60)
    after = api.update("customers", before["_id"], city="Lund", billingSettings={"apartmentNumber": "1101"}).body
    assert (after["city"], after["name"]) == ("Lund", before["name"])
    assert after["billingSettings"] == before["billingSettings"] | {"apartmentNumber": "1101"}
    assert after["createdDate"] == before["createdDate"]
    assert after["modifiedDate"] == "2026-10-01T10:01:00.000Z"


def test_a_change_is_found_by_last_modified(api):
    changed = api.server.records("customers")[3]["_id"]
    api.server.advance(60)
    api.update("customers", changed, notes="ring först")
    found = api.list("customers", lastModified="2026-10-01 12:01").body["data"]
    assert [record["_id"] for record in found] == [changed]


def test_a_deleted_record_is_404(api):
    customer = api.server.records("customers")[-1]
    response = api.delete("customers", customer["_id"])
    assert response.body == {name: customer[name] for name in ("_id", "name", "customerNumber")}
    assert api.send("GET", f"/api/2/customers/{customer['_id']}").status == 404
    assert api.delete("customers", customer["_id"]).status == 404


def test_records_have_names_and_numbers_beside_ids(api):
    customer = api.first("customers", customerNumber="101")
    leader = api.first("users", firstName="Åke")
    project = api.create("projects", name="Nytt", customer=customer["_id"], projectLeader=leader["_id"]).body
    assert (project["customerName"], project["projectLeaderName"]) == (customer["name"], "Åke Sjöström")
    order = api.create("workOrders", title="Byta lås", customer=customer["_id"], project=project["_id"]).body
    assert order["customerNumber"] == "101"
    assert order["createdByUserName"] == "API Integration"
    assert order["workOrderNumber"] == 4822
    other = api.first("customers", customerNumber="102")
    assert api.update("projects", project["_id"], customer=other["_id"]).body["customerName"] == other["name"]


@pytest.mark.parametrize(
    ("collection", "record", "message"),
    [
        ("projects", {"name": "x", "customer": "unknown"}, "customer: no customers with _id unknown"),
        ("projects", {"name": "x", "projectLeader": "unknown"}, "projectLeader: no users"),
        ("workOrders", {"title": "x", "customer": "unknown", "users": ["n1", "n2"]}, "users: no users with _id n2"),
        ("customers", {"name": "x", "createdByUser": "unknown"}, "createdByUser: no users"),
        ("invoices", {"language": "SV", "customer": "unknown", "tags": ["t"]}, "tags: no invoiceTags with _id t"),
        ("projects", {"name": "x", "projectTags": ["t"]}, "projectTags: no projectTags with _id t"),
        ("projects", {"name": "x", "department": "d"}, "department: no departments with _id d"),
        ("workOrders", {"title": "x", "customer": "unknown", "statusRef": "s"}, "statusRef: no workOrderStatuses"),
        ("tasks", {"name": "x", "project": {"_id": "p"}}, "project: no projects with _id"),
    ],
    ids=["customer", "user", "users", "acting user", "tag", "project tag", "department", "status", "an object"],
)
def test_an_id_without_a_record_is_refused(api, collection, record, message):
    before = len(api.server.records(collection))
    response = api.create(collection, **record)
    assert response.status == 400
    assert message in response.error
    assert len(api.server.records(collection)) == before


def test_calendar_dates_become_swedish_midnight(api):
    project = api.create("projects", name="x", startDate="2020-11-05", endDate="2026-07-01").body
    assert (project["startDate"], project["endDate"]) == ("2020-11-04T23:00:00.000Z", "2026-06-30T22:00:00.000Z")


def test_a_fixed_price_is_left_to_invoice(api):
    project = api.create("projects", name="x", billingMethod="FIXED_PRICE", fixedPrice="1000.50").body
    assert str(project["fixedPrice"]) == str(project["fixedPriceLeftToInvoice"]) == "1000.5"


def test_write_only_fields_are_not_returned(api):
    record = {"firstName": "Kim", "lastName": "Ek", "email": "k@e.example", "userName": "kim", "userRoleId": "10"}
    created = api.create("users", **record, password="hemligt").body
    assert "password" not in created
    assert (created["userRoleId"], created["language"], created["isActive"]) == (10, "SV", False)
    assert api.update("users", created["_id"], password="nytt").body.keys() == created.keys()
    assert api.delete("users", created["_id"]).body == {"_id": created["_id"], "firstName": "Kim", "lastName": "Ek"}


def test_a_role_has_to_be_a_number(api):
    record = {"firstName": "Kim", "lastName": "Ek", "email": "k@e.example", "userName": "kim", "userRoleId": "boss"}
    response = api.create("users", **record)
    assert response.status == 400
    assert "boss" in response.error


def test_users_are_found_by_first_and_last_name_together(api):
    assert [user["firstName"] for user in api.list("users", name="ke sjö").body["data"]] == ["Åke"]


def test_work_orders_are_found_by_one_of_their_users(api):
    user = api.server.records("workOrders")[0]["users"][1]
    found = api.list("workOrders", user=user, limit=500).body["data"]
    assert found
    assert all(user in order["users"] for order in found)
    assert len(found) < len(api.server.records("workOrders"))


def test_numbers_keep_their_digits(api):
    response = api.send(
        "POST",
        "/api/2/projects",
        b'{"name":"x","createdByUser":"%s","pricePerHour":0.1234567890123456789}' % api.server.acting_user_id.encode(),
    )
    assert str(response.body["pricePerHour"]) == "0.1234567890123456789"
