"""Webhook deliveries: signed POST requests from a thread, with retries."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TypedDict
from urllib.parse import urlsplit

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.loopback import is_loopback
from airflow_provider_seventime.sandbox.state.store import Record

SIGNATURE_HEADER = "X-SevenTime-Signature"
RESPONSE_TIMEOUT_SECONDS = 10.0
# As the vendor documents: retry after 1 minute, and after 5 more. On the sandbox's clock, so that tests can move it.
RETRY_DELAYS = (timedelta(minutes=1), timedelta(minutes=5))
MAX_WAIT_SECONDS = 3600.0
GONE = 410
MAX_ENTRIES = 1000


class DeliveryEntry(TypedDict):
    """Delivery of one event to one subscription.

    ``statuses`` has the HTTP status of each attempt; None: there was no response.
    ``state`` is ``waiting``, ``delivered``, ``given up``, or ``not sent`` for an address beyond this machine.
    """

    subscription: str
    url: str
    event: str
    statuses: list[int | None]
    state: str


@dataclass(slots=True)
class _Delivery:
    entry: DeliveryEntry
    body: bytes
    headers: dict[str, str]
    due: datetime


def signature(secret: str, body: bytes) -> str:
    """Return the signature of a body: the HMAC-SHA256 with the subscription's secret, in hexadecimal digits."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send a POST request and return the status of the response.

    :raises OSError: there is no response within 10 seconds.
    :raises HTTPException: the response is not HTTP.
    """
    address = urlsplit(url)
    connection_class = HTTPSConnection if address.scheme == "https" else HTTPConnection
    connection = connection_class(address.hostname or "", address.port, timeout=RESPONSE_TIMEOUT_SECONDS)
    try:
        target = address.path or "/"
        connection.request("POST", f"{target}?{address.query}" if address.query else target, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


class Deliveries:
    """Deliveries of webhooks. Deliveries that wait for a retry are lost when the sandbox stops.

    :param now: the sandbox's clock.
    :param end_subscription: called with the id of a subscription whose address responds with 410.
    """

    def __init__(self, now: Callable[[], datetime], end_subscription: Callable[[str], None]) -> None:
        self._now = now
        self._end_subscription = end_subscription
        self._changed = threading.Condition()
        self._waiting: list[_Delivery] = []
        self._entries: deque[DeliveryEntry] = deque(maxlen=MAX_ENTRIES)
        self._thread: threading.Thread | None = None
        self._closed = False

    def publish(self, subscriptions: Iterable[Record], event: str, data: Record) -> None:
        """Queue an event for every active subscription to it."""
        subscribers = [one for one in subscriptions if one.get("isActive") and event in one.get("events", ())]
        if not subscribers:
            return
        now = self._now()
        body = exact_json.encode({"event": event, "timestamp": format_instant(now), "data": data})
        with self._changed:
            for subscription in subscribers:
                delivery = self._new_delivery(subscription, event, body, now)
                if delivery is not None:
                    self._waiting.append(delivery)
            if self._waiting and self._thread is None:
                self._thread = threading.Thread(target=self._run, name="seventime-sandbox-webhooks", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _new_delivery(self, subscription: Record, event: str, body: bytes, now: datetime) -> _Delivery | None:
        entry = DeliveryEntry(
            subscription=subscription["_id"], url=subscription["url"], event=event, statuses=[], state="waiting"
        )
        self._entries.append(entry)
        if not is_loopback(urlsplit(subscription["url"]).hostname or ""):
            entry["state"] = "not sent"
            return None
        signed = signature(subscription.get("secret", ""), body)
        return _Delivery(entry, body, {"Content-Type": "application/json", SIGNATURE_HEADER: signed}, now)

    def entries(self) -> list[DeliveryEntry]:
        """Return copies of the last 1,000 entries, oldest first."""
        with self._changed:
            return [DeliveryEntry(**{**entry, "statuses": list(entry["statuses"])}) for entry in self._entries]

    def wake(self) -> None:
        """Check again which deliveries are due, after the clock has been moved."""
        with self._changed:
            self._changed.notify_all()

    def clear(self) -> None:
        """Remove every delivery and entry."""
        with self._changed:
            self._waiting.clear()
            self._entries.clear()

    def close(self) -> None:
        """Stop the thread after its current attempt."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(RESPONSE_TIMEOUT_SECONDS)

    def _run(self) -> None:
        while (delivery := self._next()) is not None:
            self._attempt(delivery)

    def _next(self) -> _Delivery | None:
        """Wait for the next delivery that is due and remove it from the queue; None: the deliveries are closed."""
        with self._changed:
            while not self._closed:
                delivery = min(self._waiting, key=lambda one: one.due, default=None)
                seconds = MAX_WAIT_SECONDS if delivery is None else (delivery.due - self._now()).total_seconds()
                if delivery is not None and seconds <= 0:
                    self._waiting.remove(delivery)
                    return delivery
                self._changed.wait(min(seconds, MAX_WAIT_SECONDS))
        return None

    def _attempt(self, delivery: _Delivery) -> None:
        status: int | None = None
        try:
            status = post(delivery.entry["url"], delivery.body, delivery.headers)
        except (OSError, HTTPException):
            status = None  # the entry contains None for an attempt without a response
        with self._changed:
            earlier_attempts = len(delivery.entry["statuses"])
            delivery.entry["statuses"].append(status)
            if status is not None and 200 <= status < 300:  # noqa: PLR2004 - success
                delivery.entry["state"] = "delivered"
            elif status == GONE or earlier_attempts >= len(RETRY_DELAYS):
                delivery.entry["state"] = "given up"
            elif any(entry is delivery.entry for entry in self._entries):  # not cleared meanwhile
                delivery.due = self._now() + RETRY_DELAYS[earlier_attempts]
                self._waiting.append(delivery)
        if status == GONE:
            self._end_subscription(delivery.entry["subscription"])
