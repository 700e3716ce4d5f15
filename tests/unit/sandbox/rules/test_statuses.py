"""Statuses of projects and work orders."""

import pytest


@pytest.fixture
def order(api):
    customer = api.server.records("customers")[0]["_id"]
    return lambda **record: api.create("workOrders", title="Byta lås", customer=customer, **record)


@pytest.fixture
def status(api):
    return lambda name: api.first("workOrderStatuses", statusName=name)["_id"]


def test_a_new_work_order_has_the_first_status(order, status):
    created = order().body
    assert (created["statusRef"], created["status"]) == (status("Ej planerad"), 100)
    assert (created["completedDate"], created["inProgressDate"]) == (None, None)


def test_starting_and_closing_statuses_set_date_and_user(api, order, status):
    created = order().body
    api.server.advance(60)
    begun = api.update("workOrders", created["_id"], statusRef=status("Pågående")).body
    assert (begun["status"], begun["inProgressDate"]) == (300, "2026-10-01T10:01:00.000Z")
    assert (begun["inProgressByUserName"], begun["completedDate"]) == ("API Integration", None)
    api.server.advance(60)
    done = api.update("workOrders", created["_id"], statusRef=status("Klar")).body
    assert (done["status"], done["completedDate"]) == (500, "2026-10-01T10:02:00.000Z")
    api.server.advance(60)
    assert api.update("workOrders", created["_id"], statusRef=status("Klar"), title="x").body["completedDate"] == (
        "2026-10-01T10:02:00.000Z"
    )


def test_a_new_project_has_the_first_status_or_the_given_one(api):
    planned = api.first("projectStatuses", statusName="Planerad")["_id"]
    assert api.create("projects", name="x").body["projectStatus"] == 50
    assert api.create("projects", name="x", projectStatusRef=planned).body["projectStatus"] == 10


def test_a_role_has_to_exist(api):
    record = {"firstName": "Kim", "lastName": "Ek", "email": "k@e.example", "userName": "kim"}
    response = api.create("users", **record, userRoleId="99")
    assert (response.status, response.error) == (400, "userRoleId: no userRoles with userRoleId 99")
    assert api.create("users", **record, userRoleId="1").status == 200
