"""Webhooks: who is told of what, signed how, and how often when nobody listens."""

import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from airflow_provider_seventime.sandbox.effects.deliveries import signature
from airflow_provider_seventime.sandbox.server import SandboxServer

PATIENCE_SECONDS = 5.0


class Subscriber(ThreadingHTTPServer):
    """A web server that keeps what it is told, and answers with the statuses it is given, then with 204."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen = []
        self.statuses = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook?from=sandbox"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.statuses.pop(0) if self.server.statuses else 204
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.server.seen.append((self.path, dict(self.headers), body))
        self.end_headers()

    def log_message(self, *_arguments):
        """Say nothing."""


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
    """Wait until so many deliveries have had so many attempts each."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        entries = api.server.deliveries()
        if len(entries) == count and all(len(entry["statuses"]) >= attempts for entry in entries):
            return entries
        time.sleep(0.005)
    pytest.fail(f"only {api.server.deliveries()}")


def events_told(subscriber):
    return [json.loads(body)["event"] for _, _, body in subscriber.seen]


def test_a_subscription_is_made_with_a_secret_that_is_shown_once(api, subscribe):
    answer = subscribe("customer.created", "invoice.sent")
    assert answer.status == 201
    made = answer.body
    assert len(made["secret"]) == 64
    assert (made["isActive"], made["events"]) == (True, ["customer.created", "invoice.sent"])
    shown = {name: value for name, value in made.items() if name != "secret"}
    assert api.list("webhookSubscriptions").body == {"data": [shown]}
    assert api.get("webhookSubscriptions", made["_id"]) == shown
    assert api.server.records("webhookSubscriptions") == [shown]


def test_a_subscription_is_deleted_by_the_id_in_the_path(api, subscribe, subscriber):
    made = subscribe("customer.created").body
    assert api.delete("webhookSubscriptions", made["_id"], signed=False).status == 404
    path = f"/api/2/webhookSubscriptions/{made['_id']}"
    answer = api.send("DELETE", path)
    assert (answer.status, answer.body) == (200, {"_id": made["_id"], "url": subscriber.url})
    assert api.send("DELETE", path).status == 404
    api.create("customers", name="x")
    assert api.server.deliveries() == []


@pytest.mark.parametrize(
    ("record", "named"),
    [
        ({"url": "ftp://127.0.0.1/x"}, "url: must be a web address"),
        ({"url": "nothing"}, "url: must be a web address"),
        ({"url": "http://[::1"}, "url: must be a web address"),
        ({"url": "http://127.0.0.1:99999/"}, "url: must be a web address"),
        ({"events": ["customer.made"]}, "events[0]"),
        ({"events": None}, "events: required"),
    ],
    ids=str,
)
def test_what_cannot_be_subscribed_to_is_refused(api, record, named):
    whole = {"url": "http://127.0.0.1:1/", "events": ["customer.created"], **record}
    answer = api.create("webhookSubscriptions", **whole)
    assert (answer.status, named in answer.error) == (400, True), answer.error
    assert api.server.records("webhookSubscriptions") == []


def test_an_event_is_posted_and_signed(api, subscribe, subscriber):
    secret = subscribe("customer.created").body["secret"]
    made = api.create("customers", name="Åbrinks Bygg").body
    (entry,) = await_deliveries(api, 1)
    assert (entry["event"], entry["statuses"], entry["state"]) == ("customer.created", [204], "delivered")
    ((path, headers, body),) = subscriber.seen
    assert path == "/hook?from=sandbox"
    assert headers["Content-Type"] == "application/json"
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-SevenTime-Signature"] == expected == signature(secret, body)
    assert json.loads(body) == {"event": "customer.created", "timestamp": "2026-10-01T10:00:00.000Z", "data": made}


def test_everything_that_has_an_event_is_told(api, subscribe, subscriber):
    wanted = [
        f"{what}.{did}" for what in ("workorder", "project", "customer", "task") for did in ("created", "updated")
    ]
    subscribe(*wanted, "timelog.created", "timelog.updated", "invoice.created", "invoice.updated", "invoice.sent")
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
    told = [
        *wanted[4:6],
        *wanted[2:4],
        *wanted[0:2],
        *wanted[6:8],
        *("timelog.created", "timelog.updated", "timelog.created"),
        *("invoice.created", "invoice.updated", "invoice.sent", "invoice.updated", "invoice.created", "invoice.sent"),
        *("invoice.updated", "invoice.updated"),
    ]
    await_deliveries(api, len(told))
    assert [entry["event"] for entry in api.server.deliveries()] == told
    assert events_told(subscriber) == told
    assert sent_at_once.body["_id"] in {json.loads(body)["data"]["_id"] for _, _, body in subscriber.seen[-2:]}


def test_only_what_was_asked_for_is_told(api, subscribe, subscriber):
    subscribe("project.created")
    api.create("customers", name="x")
    api.create("projects", name="x")
    await_deliveries(api, 1)
    assert events_told(subscriber) == ["project.created"]


def test_what_a_write_refuses_is_told_to_nobody(api, subscribe):
    subscribe("customer.created", "customer.updated")
    api.create("customers", name="x", customerNumber="101")
    api.update("customers", "nothing", name="x")
    assert api.server.deliveries() == []


def test_what_is_not_taken_is_tried_again_after_one_and_five_minutes(api, subscribe, subscriber):
    subscriber.statuses = [500, 503]
    subscribe("customer.created")
    api.create("customers", name="x")
    assert await_deliveries(api, 1)[0]["state"] == "waiting"
    api.server.advance(59)
    api.server.advance(1)
    assert await_deliveries(api, 1, attempts=2)[0]["statuses"] == [500, 503]
    api.server.advance(299)
    assert len(subscriber.seen) == 2
    api.server.advance(1)
    (entry,) = await_deliveries(api, 1, attempts=3)
    assert (entry["statuses"], entry["state"]) == ([500, 503, 204], "delivered")
    assert len({body for _, _, body in subscriber.seen}) == 1


def test_after_three_attempts_it_is_given_up(api, subscribe, subscriber):
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
    made = subscribe("customer.created").body
    api.create("customers", name="x")
    assert await_deliveries(api, 1)[0]["state"] == "given up"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while api.get("webhookSubscriptions", made["_id"])["isActive"] and time.monotonic() < deadline:
        time.sleep(0.005)
    assert api.get("webhookSubscriptions", made["_id"])["isActive"] is False
    api.create("customers", name="y")
    assert len(api.server.deliveries()) == 1


def test_nobody_listening_is_no_answer(api, subscribe):
    subscribe("customer.created", url="http://127.0.0.1:9/")
    assert api.create("customers", name="x").status == 200
    assert await_deliveries(api, 1)[0]["statuses"] == [None]


@pytest.mark.parametrize("url", ["https://example.com/hook", "http://192.0.2.1/", "http://127.0.0.1.example/"])
def test_nothing_leaves_the_machine(api, subscribe, url):
    assert subscribe("customer.created", url=url).status == 201
    api.create("customers", name="x")
    (entry,) = api.server.deliveries()
    assert (entry["url"], entry["state"], entry["statuses"]) == (url, "not sent", [])


def test_deliveries_are_a_control_and_a_reset_forgets_them(api, subscribe):
    subscribe("customer.created", url="https://example.com/")
    api.create("customers", name="x")
    assert api.control("GET", "deliveries").body == {"deliveries": api.server.deliveries()}
    api.server.reset()
    assert api.server.deliveries() == []
    assert api.server.records("webhookSubscriptions") == []


def test_a_sandbox_ends_while_a_delivery_waits(api_to):
    before = set(threading.enumerate())
    with SandboxServer(rate_limit=0) as server:
        api = api_to(server)
        api.create("webhookSubscriptions", url="http://127.0.0.1:9/", events=["customer.created"])
        api.create("customers", name="x")
        await_deliveries(api, 1)
        assert "seventime-sandbox-webhooks" in {thread.name for thread in set(threading.enumerate()) - before}
    assert set(threading.enumerate()) <= before
