"""Projects and work orders."""

from __future__ import annotations

from airflow_provider_seventime.sandbox.rules.context import Change, CollectionRules, Context
from airflow_provider_seventime.sandbox.rules.people import ADDRESS
from airflow_provider_seventime.sandbox.rules.references import (
    find_referenced,
    names_beside,
    referenced_collection,
)
from airflow_provider_seventime.sandbox.state.store import Record


def _with_status(context: Context, change: Change, record: Record, reference: str, code: str) -> Record | None:
    """Put the status that a record names into it, the account's first where a new one names none.

    :param reference: field with the id of the status.
    :param code: field with the number of the status.
    :return: the status where it is new to the record.
    """
    collection = referenced_collection(change.resource, reference)
    if change.before is None and not record[reference] and collection is not None:
        active = (status for status in context.store.collection(collection) if status.get("isActive"))
        record[reference] = next((status["_id"] for status in active), None)
    if change.before is not None and record[reference] == change.before[reference]:
        return None
    status = find_referenced(context.store, change.resource, record, reference)
    if status is not None:
        record[code] = status.get("status", record[code])
    return status


def _complete_project(context: Context, change: Change, record: Record) -> Record:
    _with_status(context, change, record, "projectStatusRef", "projectStatus")
    if "fixedPrice" in change.given and not record["fixedPriceInvoiced"]:
        record["fixedPriceLeftToInvoice"] = record["fixedPrice"]
    return record


def _complete_work_order(context: Context, change: Change, record: Record) -> Record:
    customer = find_referenced(context.store, change.resource, record, "customer")
    if customer is not None:
        record["customerNumber"] = customer.get("customerNumber", "")
    status = _with_status(context, change, record, "statusRef", "status")
    if status is not None:
        for flag, done in (("closedStatus", "completed"), ("inProgressStatus", "inProgress")):
            if status.get(flag):
                record |= {f"{done}Date": context.stamp, f"{done}ByUser": change.acting_user}
        record |= names_beside(context.store, change.resource, record)
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
        "permissions": {"permUsers": [], "permRoles": [], "permissionFlag": 1},
        "recurringBudgetType": 10,
        "recurringBudget": {"budgetTime": 0, "budgetAmount": 0, "budgetType": 10},
        "deliveryAddress": ADDRESS,
        "budget": {
            "typeOfBenefitCalc": 1,
            "benefits": [],
            "benefitTotal": 0,
            "typeOfCostCalc": 1,
            "costs": [],
            "costTotal": 0,
        },
        "budgetCalculation": {"invoiceItems": [], "totalBenefitAmount": 0, "totalCostAmount": 0},
        "staffLedger": {"workPlaceIDNumber": "", "developerName": "", "developerOrgNumber": ""},
        "projectTimeNotification": {"sent": False, "notifyAtPercent": 0},
        "workRuleStartOfDay": None,
        "workRuleEndOfDay": None,
        "timeLogRegistrationMethods": [],
        "projectResources": [],
        "color": "FAFAFA",
        "isActive": True,
    },
)

WORK_ORDERS = CollectionRules(
    complete=_complete_work_order,
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
