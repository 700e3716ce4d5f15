import pytest


@pytest.fixture
def log(api):
    """Return a function that creates a time log of the user Åke on 1 October 2026."""
    user = api.first("users", firstName="Åke")["_id"]

    def create(**record):
        return api.create("timeLogs", **{"user": user, "timestamp": "2026-10-01 08:00", **record})

    return create


def test_hours_come_from_start_and_end(log):
    created = log(endTimestamp="2026-10-01 16:30").body
    assert (created["timestamp"], created["endTimestamp"]) == ("2026-10-01T06:00:00.000Z", "2026-10-01T14:30:00.000Z")
    assert str(created["time"]) == str(created["invoiceableTime"]) == "8.5"
    assert created["userName"] == "Åke Sjöström"
    assert (created["createDate"], created["modifiedDate"]) == ("2026-10-01T10:00:00.000Z",) * 2


def test_the_end_comes_from_start_and_hours(log):
    created = log(timestamp="2026-10-01 22:00", time="3.25").body
    assert created["endTimestamp"] == created["realEndTimestamp"] == "2026-10-01T23:15:00.000Z"
    assert str(created["time"]) == "3.25"


def test_hours_across_the_end_of_summer_time(log):
    created = log(timestamp="2026-10-24 22:00", endTimestamp="2026-10-25 06:00").body
    assert created["time"] == 9


def test_seconds_give_long_fractions(log):
    created = log(timestamp="2026-10-01 08:00:00", endTimestamp="2026-10-01 08:00:01").body
    assert str(created["time"]) == "0.0002777777777777778"


def test_invoiceable_hours_may_differ(api, log):
    created = log(time=8, invoiceableTime="6.5").body
    changed = api.update("timeLogs", created["_id"], user=created["user"], time=4).body
    assert (changed["time"], str(changed["invoiceableTime"])) == (4, "6.5")


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"endTimestamp": "2026-10-01 07:59"}, "endTimestamp"),
        ({"time": -1}, "time"),
        ({}, "time"),
        ({"time": 1, "user": "unknown"}, "user: no users"),
        ({"time": 1, "timeCategory": "none"}, "timeCategory: no timeCategories"),
        ({"time": 1, "timestamp": "2026-10-01 25:00"}, "timestamp"),
    ],
    ids=["end before start", "negative", "neither end nor hours", "user", "category", "no time of day"],
)
def test_an_invalid_record_is_400(log, record, message):
    response = log(**record)
    assert response.status == 400
    assert message in response.error


def test_the_price_is_the_projects_then_the_categorys_then_the_customers(api, log):
    hourly = api.first("projects", name="Kvarnen, elcentral källare")
    plain = api.first("projects", name="Kvarnen, stambyte etapp 1")
    normal = api.first("timeCategories", name="Normaltid")["_id"]
    customer = api.first("customers", customerNumber="101")
    prices = [
        log(time=1, project=hourly["_id"], timeCategory=normal).body,
        log(time=1, project=plain["_id"], timeCategory=normal).body,
        log(time=1, customer=customer["_id"]).body,
        log(time=1).body,
        log(time=5, project=hourly["_id"], pricePerHour=777).body,
    ]
    assert [created["pricePerHour"] for created in prices] == [655, 595, 620, 0, 777]
    assert [created["price"] for created in prices] == [655, 595, 620, 0, 777]


def test_project_and_customer_come_from_the_work_order(api, log):
    order = api.server.records("workOrders")[0]
    created = log(time=1, workOrder=order["_id"]).body
    assert (created["project"], created["customer"]) == (order["project"], order["customer"])
    assert created["workOrderNumber"] == order["workOrderNumber"]


@pytest.mark.parametrize(
    ("category", "absence", "invoiceable"),
    [("Normaltid", False, True), ("Semester", True, False), ("Intern tid", False, False)],
)
def test_the_category_sets_absence_and_invoiceable(api, log, category, absence, invoiceable):
    chosen = api.first("timeCategories", name=category)["_id"]
    created = log(time=8, timeCategory=chosen).body
    assert (created["isAbsence"], created["isInvoiceable"]) == (absence, invoiceable)
    assert log(time=8, timeCategory=chosen, isInvoiceable=True).body["isInvoiceable"] is True


@pytest.mark.parametrize(
    ("changes", "start", "end", "hours"),
    [
        ({"timestamp": "2026-10-01 09:00"}, "07:00", "11:00", 4),
        ({"time": 2}, "06:00", "08:00", 2),
        ({"endTimestamp": "2026-10-01 13:00"}, "06:00", "11:00", 5),
        ({"timestamp": "2026-10-01 07:00", "endTimestamp": "2026-10-01 08:00"}, "05:00", "06:00", 1),
        ({"endTimestamp": "2026-10-01 17:00", "time": 8}, "06:00", "15:00", 8),
        ({"description": "mer"}, "06:00", "10:00", 4),
    ],
    ids=["start moves the end", "hours move the end", "end changes hours", "both", "a break", "neither"],
)
def test_an_update_keeps_start_end_and_hours_together(api, log, changes, start, end, hours):
    created = log(time=4).body
    changed = api.update("timeLogs", created["_id"], user=created["user"], **changes).body
    assert changed["timestamp"] == f"2026-10-01T{start}:00.000Z"
    assert changed["endTimestamp"] == f"2026-10-01T{end}:00.000Z"
    assert (changed["time"], changed["invoiceableTime"]) == (hours, hours)


def test_an_update_has_to_repeat_the_user(api, log):
    created = log(time=1).body
    response = api.update("timeLogs", created["_id"], description="x")
    assert response.status == 400
    assert "user" in response.error


def test_the_delete_of_a_time_log_returns_the_whole_record(api, log):
    created = log(time=1).body
    response = api.send("DELETE", "/api/2/timeLogs", {"_id": created["_id"]})
    assert (response.status, response.body) == (200, created)


def test_time_logs_are_found_by_start_end_and_category(api, log):
    category = api.first("timeCategories", name="Restid")["_id"]
    created = log(time=2, timeCategory=category).body
    log(time=2)
    found = api.list("timeLogs", timestamp="2026-10-01 08:00", endTimestamp="2026-10-01 10:00", category=category)
    assert [one["_id"] for one in found.body["data"]] == [created["_id"]]
    assert api.list("timeLogs", timestamp="2026-10-01 08:01").body["data"] == []
