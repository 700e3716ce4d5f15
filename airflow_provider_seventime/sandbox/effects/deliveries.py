"""Webhooks on their way: posted by a thread of their own, signed, and tried again where they were not taken."""

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
ANSWER_TIMEOUT_SECONDS = 10.0
# The documents: tried again after 1 and after 5 more minutes. By the sandbox's clock, so that moving it moves them.
PAUSES = (timedelta(minutes=1), timedelta(minutes=5))
LONGEST_NAP_SECONDS = 3600.0
GONE = 410
KEPT = 1000

Post = Callable[[str, bytes, dict[str, str]], int]


class DeliveryEntry(TypedDict):
    """One event on its way to one subscription.

    ``statuses`` has the HTTP status of each attempt, None where none came; ``state`` is ``waiting``, ``delivered``,
    ``given up`` or ``not sent``, the last for addresses beyond this machine.
    """

    subscription: str
    url: str
    event: str
    statuses: list[int | None]
    state: str


@dataclass(slots=True)
class _Job:
    entry: DeliveryEntry
    body: bytes
    headers: dict[str, str]
    due: datetime


def signature(secret: str, body: bytes) -> str:
    """Return what proves that a body comes from who knows the secret: hexadecimal HMAC-SHA256."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Post to a subscriber and return the status of the answer.

    :raises OSError: there was none.
    :raises HTTPException: it was no HTTP.
    """
    address = urlsplit(url)
    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    connection = kind(address.hostname or "", address.port, timeout=ANSWER_TIMEOUT_SECONDS)
    try:
        target = address.path or "/"
        connection.request("POST", f"{target}?{address.query}" if address.query else target, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


class Deliveries:
    """What is sent to subscribers. Events that wait are forgotten when the sandbox ends.

    :param now: the sandbox's clock.
    :param gone: told the id of a subscription whose subscriber answered 410.
    :param send: posts.
    """

    def __init__(self, now: Callable[[], datetime], gone: Callable[[str], None], send: Post = post) -> None:
        self._now = now
        self._gone = gone
        self._send = send
        self._changed = threading.Condition()
        self._jobs: list[_Job] = []
        self._entries: deque[DeliveryEntry] = deque(maxlen=KEPT)
        self._thread: threading.Thread | None = None
        self._closed = False

    def publish(self, subscriptions: Iterable[Record], event: str, data: Record) -> None:
        """Put an event on its way to every active subscription that asks for it."""
        wanted = [one for one in subscriptions if one["isActive"] and event in one["events"]]
        if not wanted:
            return
        now = self._now()
        body = exact_json.encode({"event": event, "timestamp": format_instant(now), "data": data})
        with self._changed:
            self._jobs += [job for one in wanted if (job := self._job(one, event, body, now)) is not None]
            if self._jobs and self._thread is None:
                self._thread = threading.Thread(target=self._work, name="seventime-sandbox-webhooks", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _job(self, subscription: Record, event: str, body: bytes, now: datetime) -> _Job | None:
        entry = DeliveryEntry(
            subscription=subscription["_id"], url=subscription["url"], event=event, statuses=[], state="waiting"
        )
        self._entries.append(entry)
        if not is_loopback(urlsplit(subscription["url"]).hostname or ""):
            entry["state"] = "not sent"
            return None
        signed = signature(subscription.get("secret", ""), body)
        return _Job(entry, body, {"Content-Type": "application/json", SIGNATURE_HEADER: signed}, now)

    def entries(self) -> list[DeliveryEntry]:
        """Return the last deliveries, oldest first."""
        with self._changed:
            return [DeliveryEntry(**{**entry, "statuses": list(entry["statuses"])}) for entry in self._entries]

    def look_again(self) -> None:
        """Look at the clock again: it was moved."""
        with self._changed:
            self._changed.notify_all()

    def forget(self) -> None:
        """Forget every delivery, those that wait too."""
        with self._changed:
            self._jobs.clear()
            self._entries.clear()

    def close(self) -> None:
        """End the thread; it may finish the attempt that it is at."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(ANSWER_TIMEOUT_SECONDS)

    def _work(self) -> None:
        while (job := self._next()) is not None:
            self._attempt(job)

    def _next(self) -> _Job | None:
        """Wait for the next job that is due and take it; None: it is over."""
        with self._changed:
            while not self._closed:
                job = min(self._jobs, key=lambda one: one.due, default=None)
                seconds = LONGEST_NAP_SECONDS if job is None else (job.due - self._now()).total_seconds()
                if job is not None and seconds <= 0:
                    self._jobs.remove(job)
                    return job
                self._changed.wait(min(seconds, LONGEST_NAP_SECONDS))
        return None

    def _attempt(self, job: _Job) -> None:
        status: int | None = None
        try:
            status = self._send(job.entry["url"], job.body, job.headers)
        except (OSError, HTTPException):
            status = None  # no answer: the journal of deliveries shows it as such
        with self._changed:
            made = len(job.entry["statuses"])
            job.entry["statuses"].append(status)
            if status is not None and 200 <= status < 300:  # noqa: PLR2004 - success
                job.entry["state"] = "delivered"
            elif status == GONE or made >= len(PAUSES):
                job.entry["state"] = "given up"
            elif any(entry is job.entry for entry in self._entries):  # not forgotten meanwhile
                job.due = self._now() + PAUSES[made]
                self._jobs.append(job)
        if status == GONE:
            self._gone(job.entry["subscription"])
