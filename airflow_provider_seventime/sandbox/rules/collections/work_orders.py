"""Work orders."""

from __future__ import annotations

from airflow_provider_seventime.sandbox.rules.context import CollectionRules, RecordChange, WriteContext
from airflow_provider_seventime.sandbox.rules.references import find_referenced, referenced_names
from airflow_provider_seventime.sandbox.rules.statuses import set_status
from airflow_provider_seventime.sandbox.state.store import Record


def _complete(context: WriteContext, change: RecordChange, record: Record) -> Record:
    customer = find_referenced(context.store, change.collection, record, "customer")
    if customer is not None:
        record["customerNumber"] = customer.get("customerNumber", "")
    status = set_status(context, change, record, "statusRef", "status")
    if status is not None:
        for flag, event in (("closedStatus", "completed"), ("inProgressStatus", "inProgress")):
            if status.get(flag):
                record |= {f"{event}Date": context.timestamp, f"{event}ByUser": change.acting_user}
        record |= referenced_names(context.store, change.collection, record)
    return record


WORK_ORDERS = CollectionRules(
    complete=_complete,
    write_only=frozenset({"deletedByUser"}),
    unique=("workOrderNumber",),
    defaults={
        "users": [],
        "machines": [],
        "partTimeResources": [],
        "locationCoordinates": [],
        "workOrderUserWorkTypes": [],
        "workOrderUserSkills": [],
        "relations": [],
        "tags": [],
        "comments": [],
        "documents": [],
        "checkLists": [],
        "todoItems": [],
        "reminders": [],
        "invoiceRows": [],
        "customFields": [],
        "budgetCalculation": {"invoiceItems": []},
        "workAddress": {"useOtherAddress": False, "address": "", "zipCode": "", "city": ""},
        "allowRegistrationOfTimes": True,
        "allowRegistrationOfExpenses": True,
    },
)
