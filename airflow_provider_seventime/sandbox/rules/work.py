"""Projects and work orders."""

from __future__ import annotations

from airflow_provider_seventime.sandbox.rules.context import Change, CollectionRules, Context
from airflow_provider_seventime.sandbox.rules.references import find_referenced
from airflow_provider_seventime.sandbox.store import Record

NEW_WORK_ORDER_STATUS = 100  # the sample shows 100, 500 and others; what they are called is the account's own


def _complete_project(_context: Context, change: Change, record: Record) -> Record:
    if "fixedPrice" in change.given and not record["fixedPriceInvoiced"]:
        record["fixedPriceLeftToInvoice"] = record["fixedPrice"]
    return record


def _complete_work_order(context: Context, change: Change, record: Record) -> Record:
    customer = find_referenced(context.store, change.resource, record, "customer")
    if customer is not None:
        record["customerNumber"] = customer.get("customerNumber", "")
    return record


PROJECTS = CollectionRules(
    complete=_complete_project,
    renamed={"projectTags": "tags"},
    unique=("projectNumber",),
    defaults={
        "tags": [],
        "documents": [],
        "comments": [],
        "checkLists": [],
        "customFields": [],
        "timeCategoryItems": [],
        "expenseItemItems": [],
        "budget": {"benefits": [], "costs": []},
        "budgetCalculation": {"invoiceItems": []},
        "color": "FAFAFA",
        "isActive": True,
    },
)

WORK_ORDERS = CollectionRules(
    complete=_complete_work_order,
    write_only=frozenset({"deletedByUser"}),
    defaults={
        "users": [],
        "machines": [],
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
        "status": NEW_WORK_ORDER_STATUS,
        "allowRegistrationOfTimes": True,
        "allowRegistrationOfExpenses": True,
    },
)
