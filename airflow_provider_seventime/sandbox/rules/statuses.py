"""Statuses of projects and work orders, which each account defines itself."""

from __future__ import annotations

from airflow_provider_seventime.sandbox.rules.context import RecordChange, WriteContext
from airflow_provider_seventime.sandbox.rules.references import find_referenced, referenced_collection
from airflow_provider_seventime.sandbox.state.store import Record


def set_status(context: WriteContext, change: RecordChange, record: Record, reference: str, code: str) -> Record | None:
    """Write id and code of the status into a record. A new record without a status gets the first active one.

    :param record: changed in place.
    :param reference: field with the id of the status, for example ``statusRef``.
    :param code: field with the code of the status, for example ``status``.
    :return: the status, if it is another one than before; otherwise None.
    """
    statuses = referenced_collection(change.collection, reference)
    if change.before is None and not record[reference] and statuses is not None:
        active = (status for status in context.store.collection(statuses) if status.get("isActive"))
        record[reference] = next((status["_id"] for status in active), None)
    if change.before is not None and record[reference] == change.before[reference]:
        return None
    status = find_referenced(context.store, change.collection, record, reference)
    if status is not None:
        record[code] = status.get("status", record[code])
    return status
