"""Where a thing was done: a work order stands in a project and for a customer."""

from __future__ import annotations

from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.rules.context import Change, Context
from airflow_provider_seventime.sandbox.rules.references import find_referenced, names_beside
from airflow_provider_seventime.sandbox.state.store import Record


def refuse_foreign_work_order(context: Context, change: Change, record: Record) -> None:
    """Refuse a work order that stands in another project than the record's.

    :raises RequestRefusedError: it does.
    """
    order = find_referenced(context.store, change.resource, record, "workOrder")
    if order is not None and record.get("project") and order.get("project") != record["project"]:
        raise bad_request("workOrder: does not belong to the project")


def placed_by_work_order(context: Context, change: Change, record: Record, *targets: str) -> Record:
    """Return a record with what its work order says in place of its own.

    :param targets: the fields that the work order decides.
    """
    order = find_referenced(context.store, change.resource, record, "workOrder")
    if order is None:
        return record
    placed = {**record, **{target: order.get(target) for target in targets}}
    return placed | names_beside(context.store, change.resource, placed)


def filled_from_work(context: Context, change: Change, record: Record) -> Record:
    """Return a record with the project of its work order and the customer of either, where it has none."""
    filled = dict(record)
    for source, targets in (("workOrder", ("project", "customer")), ("project", ("customer",))):
        found = find_referenced(context.store, change.resource, filled, source)
        for target in targets:
            if found and found.get(target) and not filled.get(target):
                filled[target] = found[target]
    return filled | names_beside(context.store, change.resource, filled)
