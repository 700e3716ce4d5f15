"""Timers: start, list, and stop."""

import pytest


@pytest.fixture
def user(api):
    return api.first("users", firstName="Åke")["_id"]


def test_stopping_a_timer_creates_a_time_log(api, user):
    project = api.server.records("projects")[1]
    normal = api.first("timeCategories", name="Normaltid")["_id"]
    running = len(api.server.records("timers"))
    started = api.create("startTimer", user=user, project=project["_id"], description="Felsökning")
    assert started.status == 200
    assert (started.body["user"], started.body["timestamp"]) == (user, "2026-10-01T10:00:00.000Z")
    assert api.list("timers").body["data"][-1] == started.body
    api.server.advance(5400)
    stopped = api.create("stopTimer", user=user, timeCategory=normal, internalDescription="ref")
    assert stopped.status == 200
    log = stopped.body
    assert (log["timestamp"], log["endTimestamp"]) == ("2026-10-01T10:00:00.000Z", "2026-10-01T11:30:00.000Z")
    assert (str(log["time"]), log["user"], log["userName"]) == ("1.5", user, "Åke Sjöström")
    assert (log["description"], log["internalDescription"]) == ("Felsökning", "ref")
    assert (log["project"], log["customer"]) == (project["_id"], project["customer"])
    assert log["pricePerHour"] == 655
    assert api.get("timeLogs", log["_id"]) == log
    assert len(api.server.records("timers")) == running


def test_a_user_has_one_timer(api, user):
    assert api.create("startTimer", user=user).status == 200
    again = api.create("startTimer", user=user)
    assert (again.status, "runs since 2026-10-01T10:00" in again.error) == (400, True)
    other = api.first("users", firstName="Göran")["_id"]
    assert api.create("startTimer", user=other).status == 200


def test_the_default_user_of_a_timer_is_the_acting_user(api):
    assert api.create("startTimer").body["user"] == api.server.acting_user_id
    api.server.advance(60)
    assert api.create("stopTimer").body["user"] == api.server.acting_user_id
    response = api.send("POST", "/api/2/startTimer", {})
    assert (response.status, response.error[:15]) == (400, "user: required,")


@pytest.mark.parametrize(
    ("collection", "record", "message"),
    [
        ("stopTimer", {}, "user: has no timer that runs"),
        ("stopTimer", {"user": "unknown"}, "user: no users with _id unknown"),
        ("startTimer", {"user": "unknown"}, "user: no users with _id unknown"),
        ("startTimer", {"project": "none"}, "project: no projects with _id none"),
    ],
    ids=["none runs", "no user to stop for", "no user to start for", "no project"],
)
def test_an_invalid_record_is_400(api, user, collection, record, message):
    response = api.create(collection, **{"user": user, **record})
    assert (response.status, message in response.error) == (400, True)


def test_the_timer_continues_if_its_time_log_is_invalid(api, user):
    api.create("startTimer", user=user, invoiceableTime="much")
    response = api.create("stopTimer", user=user)
    assert (response.status, "invoiceableTime" in response.error) == (400, True)
    assert any(timer["user"] == user for timer in api.server.records("timers"))
    assert api.create("stopTimer", user=user, invoiceableTime=0).status == 200


def test_a_timer_stops_once_and_a_reset_removes_it(api, user):
    api.create("startTimer", user=user)
    api.create("stopTimer", user=user)
    assert api.create("stopTimer", user=user).status == 400
    api.create("startTimer", user=user)
    api.server.reset()
    assert not any(timer["user"] == user for timer in api.server.records("timers"))
