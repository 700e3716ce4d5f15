"""Log entries of invoices, orders and quotes: event, time and user."""

from __future__ import annotations

from airflow_provider_seventime.sandbox.rules.context import WriteContext
from airflow_provider_seventime.sandbox.rules.references import person_name
from airflow_provider_seventime.sandbox.state.store import Record


def log_entry(context: WriteContext, log_type: int, user_id: str | None) -> Record:
    """Return a log entry with the time of the request.

    :param log_type: code of the event.
    :param user_id: user who caused the event; None: unknown.
    """
    user = context.store.collection("users").get(user_id) if user_id else None
    return {
        "_id": context.store.new_id("logEntries", context.now),
        "logDate": context.timestamp,
        "logType": log_type,
        "description": "",
        "user": user_id,
        "userName": person_name(user) if user else "",
        "additionalData": "",
    }
