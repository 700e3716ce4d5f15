"""Log entries: who did what to a document of the company, and when."""

from __future__ import annotations

from airflow_provider_seventime.sandbox.rules.context import Context
from airflow_provider_seventime.sandbox.rules.references import person_name
from airflow_provider_seventime.sandbox.state.store import Record


def log_entry(context: Context, log_type: int, user_id: str | None) -> Record:
    """Return an entry for what happened now.

    :param log_type: the code of the happening.
    :param user_id: who did it; None: not told.
    """
    user = context.store.collection("users").get(user_id) if user_id else None
    return {
        "_id": context.store.new_id("logEntries", context.now),
        "logDate": context.stamp,
        "logType": log_type,
        "description": "",
        "user": user_id,
        "userName": person_name(user) if user else "",
        "additionalData": "",
    }
