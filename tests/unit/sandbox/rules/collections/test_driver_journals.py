"""Driver journals: distance, price, vehicle."""

import pytest


@pytest.fixture
def journey(api):
    """Return a function that creates a journey of the user Åke: 15 km with the service car."""
    record = {
        "user": api.first("users", firstName="Åke")["_id"],
        "driverJournalItemType": api.first("driverJournalTypes", name="Servicebil")["_id"],
        "carRegistrationNumber": "ABC123",
        "startAddress": "Verkstadsgatan 12",
        "endAddress": "Hamngatan 1",
        "travelPurpose": "Leverans",
        "startOdometer": "45",
        "endOdometer": "60",
    }

    def create(**more):
        return api.create("driverJournals", **{**record, **more})

    return create


def test_distance_and_amounts_come_from_odometer_and_type(api, journey):
    created = journey().body
    assert (created["totalDistance"], str(created["price"]), str(created["totalAmount"])) == (15, "7.5", "112.5")
    assert (str(created["cost"]), str(created["totalCost"])) == ("2.95", "44.25")
    assert (created["driverJournalItemTypeName"], created["carRegistrationNumber"]) == ("Servicebil", "ABC123")
    assert (created["isInvoiceable"], created["timestamp"]) == (True, "2026-10-01T10:00:00.000Z")
    assert api.get("driverJournals", created["_id"]) == created


def test_given_prices_and_internal_journeys(api, journey):
    assert journey(price="10", cost=0).body["totalAmount"] == 150
    internal = journey(driverJournalItemType=api.first("driverJournalTypes", name="Internt ärende")["_id"]).body
    assert (internal["totalAmount"], internal["isInvoiceable"]) == (0, False)
    assert journey(isInvoiceable=False).body["isInvoiceable"] is False


def test_the_registration_number_comes_from_the_vehicle(api, journey):
    vehicle = api.server.records("vehicles")[1]
    created = journey(vehicle=vehicle["_id"]).body
    assert (created["car"], created["carRegistrationNumber"]) == (vehicle["_id"], vehicle["registrationNumber"])
    assert "vehicle" not in created
    assert [one["_id"] for one in api.list("driverJournals", carRegistrationNumber="ABC123").body["data"]] == []


def test_the_customer_comes_from_the_work_order(api, journey):
    order, foreign = api.server.records("workOrders")[0], api.server.records("workOrders")[-1]
    created = journey(workOrder=order["_id"], project=order["project"]).body
    assert (created["customer"], created["workOrderTitle"]) == (order["customer"], order["title"])
    response = journey(workOrder=foreign["_id"], project=order["project"])
    assert (response.status, response.error) == (400, "workOrder: does not belong to the project")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"endOdometer": 44}, "endOdometer: is lower than startOdometer"),
        ({"driverJournalItemType": "none"}, "driverJournalItemType: no driverJournalTypes with _id none"),
        ({"vehicle": "none"}, "vehicle: no vehicles with _id none"),
        (
            {"carRegistrationNumber": None},
            "vehicle: required when neither carRegistrationNumber nor expenseItem is given",
        ),
    ],
    ids=["backwards", "type", "vehicle", "neither vehicle nor number"],
)
def test_an_invalid_record_is_400(journey, more, message):
    response = journey(**more)
    assert (response.status, message in response.error) == (400, True)


def test_an_update_computes_again_and_a_delete_returns_the_id(api, journey):
    created = journey().body
    changed = api.update("driverJournals", created["_id"], user=created["user"], endOdometer="65.5", price=2).body
    assert (str(changed["totalDistance"]), changed["totalAmount"]) == ("20.5", 41)
    assert api.update("driverJournals", created["_id"], user=created["user"], startOdometer=66).status == 400
    assert api.get("driverJournals", created["_id"]) == changed
    assert api.delete("driverJournals", created["_id"], signed=False).body == {"_id": created["_id"]}
