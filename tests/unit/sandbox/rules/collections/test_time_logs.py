import pytest


@pytest.fixture
def log(api):
    """Make a time log of Åke's on 1 October 2026."""
    user = api.first("users", firstName="Åke")["_id"]

    def create(**record):
        return api.create("timeLogs", **{"user": user, "timestamp": "2026-10-01 08:00", **record})

    return create


def test_hours_come_from_start_and_end(log):
    made = log(endTimestamp="2026-10-01 16:30").body
    assert (made["timestamp"], made["endTimestamp"]) == ("2026-10-01T06:00:00.000Z", "2026-10-01T14:30:00.000Z")
    assert str(made["time"]) == str(made["invoiceableTime"]) == "8.5"
    assert made["userName"] == "Åke Sjöström"
    assert (made["createDate"], made["modifiedDate"]) == ("2026-10-01T10:00:00.000Z",) * 2


def test_the_end_comes_from_start_and_hours(log):
    made = log(timestamp="2026-10-01 22:00", time="3.25").body
    assert made["endTimestamp"] == made["realEndTimestamp"] == "2026-10-01T23:15:00.000Z"
    assert str(made["time"]) == "3.25"


def test_hours_across_the_end_of_summer_time_are_the_ones_that_passed(log):
    made = log(timestamp="2026-10-24 22:00", endTimestamp="2026-10-25 06:00").body
    assert made["time"] == 9


def test_seconds_give_long_fractions(log):
    made = log(timestamp="2026-10-01 08:00:00", endTimestamp="2026-10-01 08:00:01").body
    assert str(made["time"]) == "0.0002777777777777778"


def test_invoiceable_hours_may_differ_and_stay(api, log):
    made = log(time=8, invoiceableTime="6.5").body
    changed = api.update("timeLogs", made["_id"], user=made["user"], time=4).body
    assert (changed["time"], str(changed["invoiceableTime"])) == (4, "6.5")


@pytest.mark.parametrize(
    ("record", "named"),
    [
        ({"endTimestamp": "2026-10-01 07:59"}, "endTimestamp"),
        ({"time": -1}, "time"),
        ({}, "time"),
        ({"time": 1, "user": "nobody"}, "user: no users"),
        ({"time": 1, "timeCategory": "none"}, "timeCategory: no timeCategories"),
        ({"time": 1, "timestamp": "2026-10-01 25:00"}, "timestamp"),
    ],
    ids=["end before start", "negative", "neither end nor hours", "user", "category", "no time of day"],
)
def test_what_cannot_be_is_refused(log, record, named):
    answer = log(**record)
    assert answer.status == 400
    assert named in answer.error


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
    assert [made["pricePerHour"] for made in prices] == [655, 595, 620, 0, 777]
    assert [made["price"] for made in prices] == [655, 595, 620, 0, 777]


def test_project_and_customer_come_from_the_work_order(api, log):
    order = api.server.records("workOrders")[0]
    made = log(time=1, workOrder=order["_id"]).body
    assert (made["project"], made["customer"]) == (order["project"], order["customer"])
    assert made["workOrderNumber"] == order["workOrderNumber"]


@pytest.mark.parametrize(
    ("category", "absence", "invoiceable"),
    [("Normaltid", False, True), ("Semester", True, False), ("Intern tid", False, False)],
)
def test_the_category_decides_absence_and_whether_it_is_invoiceable(api, log, category, absence, invoiceable):
    chosen = api.first("timeCategories", name=category)["_id"]
    made = log(time=8, timeCategory=chosen).body
    assert (made["isAbsence"], made["isInvoiceable"]) == (absence, invoiceable)
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
    ids=["start moves the end", "hours change_status the end", "end changes hours", "both", "a break", "neither"],
)
def test_an_update_keeps_start_end_and_hours_together(api, log, changes, start, end, hours):
    made = log(time=4).body
    changed = api.update("timeLogs", made["_id"], user=made["user"], **changes).body
    assert changed["timestamp"] == f"2026-10-01T{start}:00.000Z"
    assert changed["endTimestamp"] == f"2026-10-01T{end}:00.000Z"
    assert (changed["time"], changed["invoiceableTime"]) == (hours, hours)


def test_an_update_repeats_the_user(api, log):
    made = log(time=1).body
    answer = api.update("timeLogs", made["_id"], description="x")
    assert answer.status == 400
    assert "user" in answer.error


def test_a_deleted_time_log_is_answered_whole(api, log):
    made = log(time=1).body
    answer = api.send("DELETE", "/api/2/timeLogs", {"_id": made["_id"]})
    assert (answer.status, answer.body) == (200, made)


def test_time_logs_are_found_by_their_span_and_category(api, log):
    category = api.first("timeCategories", name="Restid")["_id"]
    made = log(time=2, timeCategory=category).body
    log(time=2)
    found = api.list("timeLogs", timestamp="2026-10-01 08:00", endTimestamp="2026-10-01 10:00", category=category)
    assert [one["_id"] for one in found.body["data"]] == [made["_id"]]
    assert api.list("timeLogs", timestamp="2026-10-01 08:01").body["data"] == []
