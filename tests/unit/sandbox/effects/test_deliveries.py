"""Webhooks: events, signatures and retries."""

import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from airflow_provider_seventime.sandbox.effects.deliveries import signature
from airflow_provider_seventime.sandbox.server import SandboxServer

TIMEOUT_SECONDS = 5.0


class Subscriber(ThreadingHTTPServer):
    """Web server that stores the received requests, and responds with ``statuses`` and then with 204."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received = []
        self.statuses = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook?from=sandbox"


class _Handler(BaseHTTPRequestHandler):
    server: Any

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.statuses.pop(0) if self.server.statuses else 204
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.server.received.append((self.path, dict(self.headers), body))
        self.end_headers()

    def log_message(self, *_arguments):
        """Print nothing."""


@pytest.fixture
def subscriber():
    with Subscriber() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def subscribe(api, subscriber):
    def make(*events, url=None):
        return api.create("webhookSubscriptions", url=url or subscriber.url, events=list(events))

    return make


def await_deliveries(api, count, attempts=1):
    """Wait until there are ``count`` deliveries with at least ``attempts`` attempts each, and return them."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        entries = api.server.deliveries()
        if len(entries) == count and all(len(entry["statuses"]) >= attempts for entry in entries):
            return entries
        time.sleep(0.005)
    pytest.fail(f"only {api.server.deliveries()}")


def received_events(subscriber):
    return [json.loads(body)["event"] for _, _, body in subscriber.received]


def test_only_the_create_of_a_subscription_returns_its_secret(api, subscribe):
    response = subscribe("customer.created", "invoice.sent")
    assert response.status == 201
    created = response.body
    assert len(created["secret"]) == 64
    assert (created["isActive"], created["events"]) == (True, ["customer.created", "invoice.sent"])
    visible = {name: value for name, value in created.items() if name != "secret"}
    assert api.list("webhookSubscriptions").body == {"data": [visible]}
    assert api.get("webhookSubscriptions", created["_id"]) == visible
    assert api.server.records("webhookSubscriptions") == [visible]


def test_a_subscription_is_deleted_by_the_id_in_the_path(api, subscribe, subscriber):
    created = subscribe("customer.created").body
    assert api.delete("webhookSubscriptions", created["_id"], signed=False).status == 404
    path = f"/api/2/webhookSubscriptions/{created['_id']}"
    response = api.send("DELETE", path)
    assert (response.status, response.body) == (200, {"_id": created["_id"], "url": subscriber.url})
    assert api.send("DELETE", path).status == 404
    api.create("customers", name="x")
    assert api.server.deliveries() == []


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"url": "ftp://127.0.0.1/x"}, "url: must be a web address"),
        ({"url": "nothing"}, "url: must be a web address"),
        ({"url": "http://[::1"}, "url: must be a web address"),
        ({"url": "http://127.0.0.1:99999/"}, "url: must be a web address"),
        ({"events": ["customer.unknown"]}, "events[0]"),
        ({"events": None}, "events: required"),
    ],
    ids=str,
)
def test_an_invalid_subscription_is_400(api, record, message):
    subscription = {"url": "http://127.0.0.1:1/", "events": ["customer.created"], **record}
    response = api.create("webhookSubscriptions", **subscription)
    assert (response.status, message in response.error) == (400, True), response.error
    assert api.server.records("webhookSubscriptions") == []


def test_an_event_is_posted_and_signed(api, subscribe, subscriber):
    secret = subscribe("customer.created").body["secret"]
    created = api.create("customers", name="Åbrinks Bygg").body
    (entry,) = await_deliveries(api, 1)
    assert (entry["event"], entry["statuses"], entry["state"]) == ("customer.created", [204], "delivered")
    ((path, headers, body),) = subscriber.received
    assert path == "/hook?from=sandbox"
    assert headers["Content-Type"] == "application/json"
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-SevenTime-Signature"] == expected == signature(secret, body)
    assert json.loads(body) == {"event": "customer.created", "timestamp": "2026-10-01T10:00:00.000Z", "data": created}


def test_every_event_is_delivered(api, subscribe, subscriber):
    events = [
        f"{subject}.{action}"
        for subject in ("workorder", "project", "customer", "task")
        for action in ("created", "updated")
    ]
    subscribe(*events, "timelog.created", "timelog.updated", "invoice.created", "invoice.updated", "invoice.sent")
    customer = api.create("customers", name="x").body["_id"]
    api.update("customers", customer, name="y")
    project = api.create("projects", name="x").body["_id"]
    api.update("projects", project, notes="y")
    order = api.create("workOrders", title="x", customer=customer).body["_id"]
    api.update("workOrders", order, title="y")
    task = api.create("tasks", name="x").body["_id"]
    api.update("tasks", task, name="y")
    user = api.server.records("users")[1]["_id"]
    log = api.create("timeLogs", user=user, timestamp="2026-10-01 08:00", time=1).body["_id"]
    api.update("timeLogs", log, user=user, time=2)
    api.create("startTimer", user=user)
    api.create("stopTimer", user=user)
    row = {"itemType": "general", "unitPrice": 1}
    invoice = api.create("invoices", customer=customer, language="SV", invoiceItems=[row]).body["_id"]
    same = {"multipleTaxesOnRows": False, "taxPercent": 25, "invoiceItems": [row]}
    api.update("invoices", invoice, **same, invoiceStatus=2)
    api.update("invoices", invoice, **same, notes="x")
    sent_at_once = api.create("invoices", customer=customer, language="SV", invoiceItems=[row], invoiceStatus=2)
    api.server.pay_after(0)
    api.list("invoices")
    api.delete("customers", customer)
    expected = [
        *events[4:6],
        *events[2:4],
        *events[0:2],
        *events[6:8],
        *("timelog.created", "timelog.updated", "timelog.created"),
        *("invoice.created", "invoice.updated", "invoice.sent", "invoice.updated", "invoice.created", "invoice.sent"),
        *("invoice.updated", "invoice.updated"),
    ]
    await_deliveries(api, len(expected))
    assert [entry["event"] for entry in api.server.deliveries()] == expected
    assert received_events(subscriber) == expected
    assert sent_at_once.body["_id"] in {json.loads(body)["data"]["_id"] for _, _, body in subscriber.received[-2:]}


def test_only_subscribed_events_are_delivered(api, subscribe, subscriber):
    subscribe("project.created")
    api.create("customers", name="x")
    api.create("projects", name="x")
    await_deliveries(api, 1)
    assert received_events(subscriber) == ["project.created"]


def test_a_refused_write_has_no_event(api, subscribe):
    subscribe("customer.created", "customer.updated")
    api.create("customers", name="x", customerNumber="101")
    api.update("customers", "nothing", name="x")
    assert api.server.deliveries() == []


def test_a_failed_delivery_is_retried_after_one_and_five_minutes(api, subscribe, subscriber):
    subscriber.statuses = [500, 503]
    subscribe("customer.created")
    api.create("customers", name="x")
    assert await_deliveries(api, 1)[0]["state"] == "waiting"
    api.server.advance(59)
    api.server.advance(1)
    assert await_deliveries(api, 1, attempts=2)[0]["statuses"] == [500, 503]
    api.server.advance(299)
    assert len(subscriber.received) == 2
    api.server.advance(1)
    (entry,) = await_deliveries(api, 1, attempts=3)
    assert (entry["statuses"], entry["state"]) == ([500, 503, 204], "delivered")
    assert len({body for _, _, body in subscriber.received}) == 1


def test_a_delivery_ends_after_three_attempts(api, subscribe, subscriber):
    subscriber.statuses = [500, 302, 404]
    subscribe("customer.created")
    api.create("customers", name="x")
    for attempt in (1, 2, 3):
        await_deliveries(api, 1, attempts=attempt)
        api.server.advance(300)
    (entry,) = api.server.deliveries()
    assert (entry["statuses"], entry["state"]) == ([500, 302, 404], "given up")


def test_410_ends_the_subscription(api, subscribe, subscriber):
    subscriber.statuses = [410]
    created = subscribe("customer.created").body
    api.create("customers", name="x")
    assert await_deliveries(api, 1)[0]["state"] == "given up"
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while api.get("webhookSubscriptions", created["_id"])["isActive"] and time.monotonic() < deadline:
        time.sleep(0.005)
    assert api.get("webhookSubscriptions", created["_id"])["isActive"] is False
    api.create("customers", name="y")
    assert len(api.server.deliveries()) == 1


def test_an_address_without_a_server_has_no_status(api, subscribe):
    subscribe("customer.created", url="http://127.0.0.1:9/")
    assert api.create("customers", name="x").status == 200
    assert await_deliveries(api, 1)[0]["statuses"] == [None]


@pytest.mark.parametrize("url", ["https://example.com/hook", "http://192.0.2.1/", "http://127.0.0.1.example/"])
def test_addresses_of_other_machines_are_not_called(api, subscribe, url):
    assert subscribe("customer.created", url=url).status == 201
    api.create("customers", name="x")
    (entry,) = api.server.deliveries()
    assert (entry["url"], entry["state"], entry["statuses"]) == (url, "not sent", [])


def test_deliveries_are_a_control_and_a_reset_clears_them(api, subscribe):
    subscribe("customer.created", url="https://example.com/")
    api.create("customers", name="x")
    assert api.control("GET", "deliveries").body == {"deliveries": api.server.deliveries()}
    api.server.reset()
    assert api.server.deliveries() == []
    assert api.server.records("webhookSubscriptions") == []


def test_a_sandbox_stops_while_a_delivery_waits(api_to):
    before = set(threading.enumerate())
    with SandboxServer(rate_limit=0) as server:
        api = api_to(server)
        api.create("webhookSubscriptions", url="http://127.0.0.1:9/", events=["customer.created"])
        api.create("customers", name="x")
        await_deliveries(api, 1)
        assert "seventime-sandbox-webhooks" in {thread.name for thread in set(threading.enumerate()) - before}
    assert set(threading.enumerate()) <= before
