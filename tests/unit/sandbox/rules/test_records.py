"""What every collection does alike: numbers, names beside ids, dates, references."""

import pytest


def test_a_new_customer_gets_the_next_number_dates_and_defaults(api):
    made = api.create("customers", name="Nya Bygget AB", billingSettings={"isROTCustomer": True}).body
    assert made["customerNumber"] == "113"
    assert made["createdDate"] == made["modifiedDate"] == "2026-10-01T10:00:00.000Z"
    assert (made["paymentDays"], made["isActive"]) == (30, True)
    assert made["billingSettings"]["isROTCustomer"] is True
    assert made["billingSettings"]["deductionDistribution"] == []
    assert "createdByUser" not in made
    assert api.get("customers", made["_id"]) == made


def test_numbers_go_up_and_pass_the_ones_given_by_hand(api):
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
def test_a_number_that_is_taken_is_refused(api, collection, field, record):
    taken = api.server.records(collection)[0]
    answer = api.create(collection, **record, **{field: taken[field]})
    assert answer.status == 400
    assert field in answer.error
    assert taken["_id"] in answer.error
    other = api.server.records(collection)[1]
    assert api.update(collection, other["_id"], **{field: taken[field]}).status == 400
    assert api.update(collection, taken["_id"], **{field: taken[field]}).status == 200


def test_ids_ascend_in_the_order_of_making(api):
    made = [api.create("customers", name=f"Kund {number}").body["_id"] for number in range(5)]
    everyone = [record["_id"] for record in api.list("customers", limit=500, sortBy="_id").body["data"]]
    assert everyone[-5:] == made == sorted(made)
    assert all(len(one) == 24 and int(one, 16) for one in made)


def test_an_update_changes_what_it_names_and_keeps_the_rest(api):
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


def test_a_deleted_record_is_gone_and_the_answer_small(api):
    customer = api.server.records("customers")[-1]
    answer = api.delete("customers", customer["_id"])
    assert answer.body == {name: customer[name] for name in ("_id", "name", "customerNumber")}
    assert api.send("GET", f"/api/2/customers/{customer['_id']}").status == 404
    assert api.delete("customers", customer["_id"]).status == 404


def test_names_and_numbers_stand_beside_ids(api):
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
    ("collection", "record", "named"),
    [
        ("projects", {"name": "x", "customer": "nobody"}, "customer: no customers with _id nobody"),
        ("projects", {"name": "x", "projectLeader": "nobody"}, "projectLeader: no users"),
        ("workOrders", {"title": "x", "customer": "nobody", "users": ["n1", "n2"]}, "users: no users with _id n2"),
        ("customers", {"name": "x", "createdByUser": "nobody"}, "createdByUser: no users"),
        ("invoices", {"language": "SV", "customer": "nobody", "tags": ["t"]}, "tags: no invoiceTags with _id t"),
        ("projects", {"name": "x", "projectTags": ["t"]}, "projectTags: no projectTags with _id t"),
        ("projects", {"name": "x", "department": "d"}, "department: no departments with _id d"),
        ("workOrders", {"title": "x", "customer": "nobody", "statusRef": "s"}, "statusRef: no workOrderStatuses"),
        ("tasks", {"name": "x", "project": {"_id": "p"}}, "project: no projects with _id"),
    ],
    ids=["customer", "user", "users", "acting user", "tag", "project tag", "department", "status", "an object"],
)
def test_an_id_that_names_nothing_is_refused(api, collection, record, named):
    before = len(api.server.records(collection))
    answer = api.create(collection, **record)
    assert answer.status == 400
    assert named in answer.error
    assert len(api.server.records(collection)) == before


def test_calendar_dates_become_swedish_midnight(api):
    project = api.create("projects", name="x", startDate="2020-11-05", endDate="2026-07-01").body
    assert (project["startDate"], project["endDate"]) == ("2020-11-04T23:00:00.000Z", "2026-06-30T22:00:00.000Z")


def test_a_fixed_price_is_left_to_invoice(api):
    project = api.create("projects", name="x", billingMethod="FIXED_PRICE", fixedPrice="1000.50").body
    assert str(project["fixedPrice"]) == str(project["fixedPriceLeftToInvoice"]) == "1000.5"


def test_what_only_writes_carry_is_never_shown(api):
    record = {"firstName": "Kim", "lastName": "Ek", "email": "k@e.example", "userName": "kim", "userRoleId": "10"}
    made = api.create("users", **record, password="hemligt").body
    assert "password" not in made
    assert (made["userRoleId"], made["language"], made["isActive"]) == (10, "SV", False)
    assert api.update("users", made["_id"], password="nytt").body.keys() == made.keys()
    assert api.delete("users", made["_id"]).body == {"_id": made["_id"], "firstName": "Kim", "lastName": "Ek"}


def test_a_role_that_is_no_number_is_refused(api):
    record = {"firstName": "Kim", "lastName": "Ek", "email": "k@e.example", "userName": "kim", "userRoleId": "boss"}
    answer = api.create("users", **record)
    assert answer.status == 400
    assert "boss" in answer.error


def test_users_are_found_by_first_and_last_name_together(api):
    assert [user["firstName"] for user in api.list("users", name="ke sjö").body["data"]] == ["Åke"]


def test_work_orders_are_found_by_one_of_their_users(api):
    user = api.server.records("workOrders")[0]["users"][1]
    found = api.list("workOrders", user=user, limit=500).body["data"]
    assert found
    assert all(user in order["users"] for order in found)
    assert len(found) < len(api.server.records("workOrders"))


def test_numbers_keep_their_digits(api):
    answer = api.send(
        "POST",
        "/api/2/projects",
        b'{"name":"x","createdByUser":"%s","pricePerHour":0.1234567890123456789}' % api.server.acting_user_id.encode(),
    )
    assert str(answer.body["pricePerHour"]) == "0.1234567890123456789"
