"""HTTP server: its address, and the date of its responses."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
import requests

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.sandbox.http.http_server import bind


def test_the_message_names_an_address_of_another_machine():
    with pytest.raises(ConfigError, match=r"192\.0\.2\.1"):
        bind("192.0.2.1", 0)


@pytest.mark.parametrize("path", ["/api/2/users/", "/api/2/nothing", "/_sandbox/clock", "/_sandbox/nothing", "/else"])
def test_responses_have_one_date_from_the_sandboxs_clock(api, path):
    api.server.set_clock(datetime(2031, 2, 28, 23, 59, 59, 900_000, UTC))
    response = api.raw("GET", path)
    assert response.headers["Date"] == "Fri, 28 Feb 2031 23:59:59 GMT"
    assert response.raw.headers.getlist("Date") == ["Fri, 28 Feb 2031 23:59:59 GMT"]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 429},
        {"kind": "html"},
        {"kind": "redirect"},
        {"kind": "cut_json"},
        {"kind": "trickle", "seconds": 0.01},
        {"kind": "stale", "seconds": 1},
    ],
    ids=lambda fault: fault["kind"],
)
def test_faulty_responses_have_the_date_too(api, fault):
    api.server.set_faults([fault])
    assert api.raw("GET", "/api/2/users/").headers["Date"] == "Thu, 01 Oct 2026 10:00:00 GMT"


def test_the_date_ticks_and_moves_with_the_clock(api):
    api.server.advance(90)
    assert api.raw("GET", "/api/2/users/").headers["Date"] == "Thu, 01 Oct 2026 10:01:30 GMT"
    api.server.freeze(False)
    before = api.server.now()
    date = parsedate_to_datetime(api.raw("GET", "/api/2/users/").headers["Date"])
    assert before.replace(microsecond=0) <= date <= api.server.now()


def test_a_new_record_has_the_date_of_its_response(api):
    response = requests.post(
        f"{api.server.base_url}/api/2/customers",
        json={"name": "x", "createdByUser": api.server.acting_user_id},
        headers={"Client-Secret": api.server.api_key, "Accept": "application/json"},
        timeout=10,
    )
    created = datetime.fromisoformat(response.json()["createdDate"])
    assert parsedate_to_datetime(response.headers["Date"]) == created
