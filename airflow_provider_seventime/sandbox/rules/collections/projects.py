"""Projects."""

from __future__ import annotations

from airflow_provider_seventime.sandbox.rules.context import CollectionRules, RecordChange, WriteContext
from airflow_provider_seventime.sandbox.rules.party_fields import ADDRESS
from airflow_provider_seventime.sandbox.rules.statuses import set_status
from airflow_provider_seventime.sandbox.state.store import Record


def _complete(context: WriteContext, change: RecordChange, record: Record) -> Record:
    set_status(context, change, record, "projectStatusRef", "projectStatus")
    if "fixedPrice" in change.given and not record["fixedPriceInvoiced"]:
        record["fixedPriceLeftToInvoice"] = record["fixedPrice"]
    return record


PROJECTS = CollectionRules(
    complete=_complete,
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
