"""Webhook events of a write."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_provider_seventime.contract.codes import InvoiceStatus
from airflow_provider_seventime.contract.spec import Write
from airflow_provider_seventime.sandbox.state.store import Record

# Collection -> first part of the event's name.
EVENT_NAMES = {
    "workOrders": "workorder",
    "projects": "project",
    "customers": "customer",
    "tasks": "task",
    "timeLogs": "timelog",
    "invoices": "invoice",
}


def events_of(collection: str, write: Write, before: Record | None, after: Record) -> Iterator[str]:
    """Yield the events of a write, for example ``invoice.updated`` and ``invoice.sent``.

    :param collection: name of the collection.
    :param before: the record before the write; None: the record is new.
    :param after: the record after the write.
    """
    subject = EVENT_NAMES.get(collection)
    action = {"create": "created", "update": "updated"}.get(write)
    if subject is None or action is None:
        return
    yield f"{subject}.{action}"
    statuses = [record.get("invoiceStatus") if record else None for record in (before, after)]
    if collection == "invoices" and statuses[1] == InvoiceStatus.SENT.value and statuses[0] != statuses[1]:
        yield "invoice.sent"
