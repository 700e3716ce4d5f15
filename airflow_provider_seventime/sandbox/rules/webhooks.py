"""Webhook subscriptions, and which events a write is told of as."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from urllib.parse import urlsplit

from airflow_provider_seventime.contract.codes import InvoiceStatus
from airflow_provider_seventime.contract.spec import Write
from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.rules.context import Change, CollectionRules, Context
from airflow_provider_seventime.sandbox.state.store import Record

SECRET_BYTES = 32
EVENT_NAMES = {
    "workOrders": "workorder",
    "projects": "project",
    "customers": "customer",
    "tasks": "task",
    "timeLogs": "timelog",
    "invoices": "invoice",
}


def events_of(collection: str, write: Write, before: Record | None, after: Record) -> Iterator[str]:
    """Yield the events that a write is told of as: a sent invoice is ``invoice.sent`` beside created or updated.

    :param before: the record as it was; None: it was made.
    """
    what = EVENT_NAMES.get(collection)
    did = {"create": "created", "update": "updated"}.get(write)
    if what is None or did is None:
        return
    yield f"{what}.{did}"
    statuses = [record.get("invoiceStatus") if record else None for record in (before, after)]
    if collection == "invoices" and statuses[1] == InvoiceStatus.SENT.value and statuses[0] != statuses[1]:
        yield "invoice.sent"


def _complete(_context: Context, _change: Change, record: Record) -> Record:
    try:
        address = urlsplit(record["url"])
        usable = address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise bad_request(f"url: must be a web address with http or https, not {record['url']!r:.60}")
    return {**record, "secret": secrets.token_hex(SECRET_BYTES)}


WEBHOOK_SUBSCRIPTIONS = CollectionRules(
    complete=_complete,
    internal=frozenset({"secret"}),
    shown_once=frozenset({"secret"}),
    defaults={"isActive": True, "events": []},
)
