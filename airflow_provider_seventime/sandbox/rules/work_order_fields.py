"""Project and customer that a record takes from its work order."""

from __future__ import annotations

from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.rules.context import RecordChange, WriteContext
from airflow_provider_seventime.sandbox.rules.references import find_referenced, referenced_names
from airflow_provider_seventime.sandbox.state.store import Record


def check_work_order_project(context: WriteContext, change: RecordChange, record: Record) -> None:
    """Check that the work order of a record belongs to the record's project.

    :raises RequestRefusedError: the work order belongs to another project (400).
    """
    order = find_referenced(context.store, change.collection, record, "workOrder")
    if order is not None and record.get("project") and order.get("project") != record["project"]:
        raise bad_request("workOrder: does not belong to the project")


def copy_from_work_order(context: WriteContext, change: RecordChange, record: Record, *fields: str) -> Record:
    """Return a record with fields of its work order in place of its own.

    :param fields: fields to copy, for example ``customer``.
    """
    order = find_referenced(context.store, change.collection, record, "workOrder")
    if order is None:
        return record
    copied = {**record, **{field: order.get(field) for field in fields}}
    return copied | referenced_names(context.store, change.collection, copied)


def fill_from_work_order(context: WriteContext, change: RecordChange, record: Record) -> Record:
    """Fill empty fields of a record: the project from its work order, the customer from either."""
    filled = dict(record)
    for source, targets in (("workOrder", ("project", "customer")), ("project", ("customer",))):
        found = find_referenced(context.store, change.collection, filled, source)
        for target in targets:
            if found and found.get(target) and not filled.get(target):
                filled[target] = found[target]
    return filled | referenced_names(context.store, change.collection, filled)
