"""Driver journals: distance, price, vehicle."""

import pytest


@pytest.fixture
def journey(api):
    """Make a journey of Åke's: 15 km with the service car."""
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
    made = journey().body
    assert (made["totalDistance"], str(made["price"]), str(made["totalAmount"])) == (15, "7.5", "112.5")
    assert (str(made["cost"]), str(made["totalCost"])) == ("2.95", "44.25")
    assert (made["driverJournalItemTypeName"], made["carRegistrationNumber"]) == ("Servicebil", "ABC123")
    assert (made["isInvoiceable"], made["timestamp"]) == (True, "2026-10-01T10:00:00.000Z")
    assert api.get("driverJournals", made["_id"]) == made


def test_own_prices_hold_and_an_internal_journey_costs_the_customer_nothing(api, journey):
    assert journey(price="10", cost=0).body["totalAmount"] == 150
    internal = journey(driverJournalItemType=api.first("driverJournalTypes", name="Internt ärende")["_id"]).body
    assert (internal["totalAmount"], internal["isInvoiceable"]) == (0, False)
    assert journey(isInvoiceable=False).body["isInvoiceable"] is False


def test_a_vehicle_gives_its_registration_number(api, journey):
    vehicle = api.server.records("vehicles")[1]
    made = journey(vehicle=vehicle["_id"]).body
    assert (made["car"], made["carRegistrationNumber"]) == (vehicle["_id"], vehicle["registrationNumber"])
    assert "vehicle" not in made
    assert [one["_id"] for one in api.list("driverJournals", carRegistrationNumber="ABC123").body["data"]] == []


def test_the_work_order_decides_the_customer_and_belongs_to_the_project(api, journey):
    order, foreign = api.server.records("workOrders")[0], api.server.records("workOrders")[-1]
    made = journey(workOrder=order["_id"], project=order["project"]).body
    assert (made["customer"], made["workOrderTitle"]) == (order["customer"], order["title"])
    answer = journey(workOrder=foreign["_id"], project=order["project"])
    assert (answer.status, answer.error) == (400, "workOrder: does not belong to the project")


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"endOdometer": 44}, "endOdometer: is lower than startOdometer"),
        ({"driverJournalItemType": "none"}, "driverJournalItemType: no driverJournalTypes with _id none"),
        ({"vehicle": "none"}, "vehicle: no vehicles with _id none"),
        ({"carRegistrationNumber": None}, "vehicle: required when carRegistrationNumber is not given"),
    ],
    ids=["backwards", "type", "vehicle", "neither vehicle nor number"],
)
def test_what_cannot_be_is_refused(journey, more, named):
    answer = journey(**more)
    assert (answer.status, named in answer.error) == (400, True)


def test_an_update_reckons_again_and_a_delete_answers_the_id(api, journey):
    made = journey().body
    changed = api.update("driverJournals", made["_id"], user=made["user"], endOdometer="65.5", price=2).body
    assert (str(changed["totalDistance"]), changed["totalAmount"]) == ("20.5", 41)
    assert api.update("driverJournals", made["_id"], user=made["user"], startOdometer=66).status == 400
    assert api.get("driverJournals", made["_id"]) == changed
    assert api.delete("driverJournals", made["_id"], signed=False).body == {"_id": made["_id"]}
