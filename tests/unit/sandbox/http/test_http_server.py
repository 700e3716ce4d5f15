"""Where the server listens, and the date that its answers carry."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
import requests

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.sandbox.http.http_server import bind


def test_an_address_that_is_not_ours_is_told():
    with pytest.raises(ConfigError, match=r"192\.0\.2\.1"):
        bind("192.0.2.1", 0)


@pytest.mark.parametrize("path", ["/api/2/users/", "/api/2/nothing", "/_sandbox/clock", "/_sandbox/nothing", "/else"])
def test_the_date_is_the_sandboxs_and_stands_once(api, path):
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
def test_bad_answers_have_the_date_too(api, fault):
    api.server.set_faults([fault])
    assert api.raw("GET", "/api/2/users/").headers["Date"] == "Thu, 01 Oct 2026 10:00:00 GMT"


def test_the_date_ticks_and_moves_with_the_clock(api):
    api.server.advance(90)
    assert api.raw("GET", "/api/2/users/").headers["Date"] == "Thu, 01 Oct 2026 10:01:30 GMT"
    api.server.freeze(False)
    before = api.server.now()
    told = parsedate_to_datetime(api.raw("GET", "/api/2/users/").headers["Date"])
    assert before.replace(microsecond=0) <= told <= api.server.now()


def test_a_record_made_now_has_the_date_of_its_answer(api):
    response = requests.post(
        f"{api.server.base_url}/api/2/customers",
        json={"name": "x", "createdByUser": api.server.acting_user_id},
        headers={"Client-Secret": api.server.api_key, "Accept": "application/json"},
        timeout=10,
    )
    made = datetime.fromisoformat(response.json()["createdDate"])
    assert parsedate_to_datetime(response.headers["Date"]) == made
