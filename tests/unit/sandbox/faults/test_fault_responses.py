"""Faults: the response to the client, and whether the request is processed."""

import threading
import time
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
import requests


def customers(api):
    return len(api.server.records("customers"))


def post(api):
    """Create a customer and return the HTTP response."""
    return requests.post(
        f"{api.server.base_url}/api/2/customers",
        json={"name": "x", "createdByUser": api.server.acting_user_id},
        headers={"Client-Secret": api.server.api_key, "Accept": "application/json"},
        allow_redirects=False,
        timeout=10,
    )


@pytest.mark.parametrize(("when", "processed"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 429},
        {"kind": "status", "status": 429, "retry_after": 1},
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 503, "retry_after": "Thu, 01 Oct 2026 10:00:30 GMT"},
        {"kind": "reset"},
        {"kind": "html"},
        {"kind": "redirect"},
    ],
    ids=lambda fault: "-".join(str(value) for value in fault.values()),
)
def test_a_fault_comes_before_or_after_the_processing(api, fault, when, processed):
    before = customers(api)
    api.server.set_faults([{**fault, "when": when, "method": "POST"}])
    if fault["kind"] == "reset":
        with pytest.raises(requests.ConnectionError):
            post(api)
    else:
        response = post(api)
        assert response.status_code == fault.get("status", {"html": 200, "redirect": 302}.get(fault["kind"]))
        assert response.headers.get("Retry-After") == (str(fault["retry_after"]) if "retry_after" in fault else None)
    assert customers(api) == before + processed
    assert api.server.journal()[-1]["fault"] == fault["kind"]
    assert post(api).status_code == 200


def test_a_status_has_the_message_and_the_header(api):
    api.server.set_faults([{"kind": "status", "status": 429, "retry_after": 2}, {"kind": "status", "message": "Ojdå"}])
    limited, failed = api.list("users"), api.list("users")
    assert (limited.status, limited.headers["retry-after"]) == (429, "2")
    assert "429" in limited.error
    assert (failed.status, failed.error) == (500, "Ojdå")
    assert "retry-after" not in failed.headers
    assert [entry["status"] for entry in api.server.journal()] == [429, 500]


def test_a_reset_closes_the_connection_and_has_no_status_in_the_journal(api):
    api.server.set_faults([{"kind": "reset"}])
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        post(api)
    (entry,) = api.server.journal()
    assert (entry["status"], entry["fault"]) == (None, "reset")


def test_half_a_body_is_not_json_and_the_request_is_processed(api):
    before = customers(api)
    api.server.set_faults([{"kind": "cut_json"}])
    response = post(api)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/json")
    with pytest.raises(requests.JSONDecodeError):
        response.json()
    assert customers(api) == before + 1


def test_a_web_page_and_a_redirect(api):
    api.server.set_faults([{"kind": "html"}, {"kind": "redirect", "location": "https://elsewhere.example/in"}])
    page, elsewhere = post(api), post(api)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<html>" in page.text
    assert (elsewhere.status_code, elsewhere.headers["location"]) == (302, "https://elsewhere.example/in")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_delayed_request_is_processed(api, when):
    before = customers(api)
    api.server.set_faults([{"kind": "delay", "seconds": 0.1, "when": when}])
    began = time.monotonic()
    assert post(api).status_code == 200
    assert time.monotonic() - began >= 0.1
    assert customers(api) == before + 1


def test_a_client_with_a_timeout_finds_the_request_processed(api):
    before = customers(api)
    api.server.set_faults([{"kind": "delay", "seconds": 30, "when": "after", "method": "POST"}])
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{api.server.base_url}/api/2/customers",
            json={"name": "x", "createdByUser": api.server.acting_user_id},
            headers={"Client-Secret": api.server.api_key, "Accept": "application/json"},
            timeout=0.1,
        )
    assert customers(api) == before + 1


def test_other_requests_are_served_during_a_delay(api):
    api.server.set_faults([{"kind": "delay", "seconds": 0.5, "method": "POST"}])
    late = threading.Thread(target=post, args=(api,))
    late.start()
    while not api.server.journal():
        time.sleep(0.001)
    began = time.monotonic()
    assert api.list("users").status == 200
    assert time.monotonic() - began < 0.4
    late.join()


def test_a_fault_after_the_processing_hides_a_refusal(api):
    api.server.set_faults([{"kind": "status", "status": 500, "when": "after"}])
    assert api.send("POST", "/api/2/customers", {}).status == 500
    assert api.send("POST", "/api/2/customers", {}).status == 400


def test_a_request_with_a_wrong_key_triggers_no_fault(api):
    api.server.set_faults([{"kind": "html"}])
    assert api.send("GET", "/api/2/users", headers={"Client-Secret": "wrong"}).status == 401
    assert api.server.journal()[0]["fault"] is None
    assert len(api.control("GET", "faults").body["faults"]) == 1


def test_faults_are_set_and_removed_over_http(api):
    response = api.control("POST", "faults", [{"kind": "status", "status": 503, "times": None, "collection": "users"}])
    assert response.body["faults"][0]["status"] == 503
    assert [api.list("users").status, api.list("customers").status, api.list("users").status] == [503, 200, 503]
    assert api.control("DELETE", "faults").body == {"faults": []}
    assert api.list("users").status == 200


def test_the_journal_has_the_fault_of_every_request(api):
    faults: list[dict[str, Any]] = [
        {"kind": "status", "status": 503},
        {"kind": "reset"},
        {"kind": "cut_json"},
        {"kind": "html"},
        {"kind": "delay", "seconds": 0.01},
        {"kind": "trickle", "seconds": 0.01},
    ]
    api.server.set_faults([{**fault, "times": None, "probability": 0.1, "seed": 3} for fault in faults])
    for _ in range(80):
        with suppress(requests.ConnectionError, ValueError):
            api.list("timeCategories")
    requests_seen = api.control("GET", "journal").body["requests"]
    assert len(requests_seen) == 80
    kinds = Counter(entry["fault"] for entry in requests_seen)
    assert set(kinds) == {None, *(fault["kind"] for fault in faults)}
    statuses = {kind: {entry["status"] for entry in requests_seen if entry["fault"] == kind} for kind in kinds}
    assert statuses == {
        None: {200},
        "status": {503},
        "reset": {None},
        "cut_json": {200},
        "html": {200},
        "delay": {200},
        "trickle": {200},
    }
