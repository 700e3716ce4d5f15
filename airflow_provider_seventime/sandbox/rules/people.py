"""Customers and users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.rules.context import Change, CollectionRules, Context
from airflow_provider_seventime.sandbox.state.store import Record

DEFAULT_PAYMENT_DAYS = 30
BILLING_SETTINGS: dict[str, Any] = {
    "useSeparateBillingAddress": False,
    "address": "",
    "address2": "",
    "zipCode": "",
    "city": "",
    "useSeparateBillingEmail": False,
    "invoiceEmail": "",
    "invoiceDeliveryType": 0,
    "defaultEmailSubject": "",
    "isConstructionCompany": False,
    "isROTCustomer": False,
    "isRUTCustomer": False,
    "typeOfProperty": 1,
    "propertyDescription": "",
    "housingSocietyNumber": "",
    "apartmentNumber": "",
    "personalNumber": "",
    "deductionDistribution": [],
    "expenseDiscount": 0,
    "expenseCustomProfitMargin": 0,
    "markupPercentSupplierInvoice": -1000,
    "priceList": None,
    "priceListName": "",
}
HOUSE_PROPERTIES: dict[str, Any] = {
    "typeOfProperty": 1,
    "propertyDescription": "",
    "housingSocietyNumber": "",
    "apartmentNumber": "",
    "maxDeductionAmount": 50000,
    "personalNumber": "",
    "deductionDistribution": [],
}
ADDRESS: dict[str, Any] = dict.fromkeys(("name", "address", "address2", "zipCode", "city", "country", "phone"), "")


def address_lines(party: Mapping[str, Any]) -> str:
    """Return street and place as documents to customers and distributors show them."""
    place = f"{party.get('zipCode', '')} {party.get('city', '')}".strip()
    return "<br>".join(part for part in (party.get("address", ""), place) if part)


CUSTOMERS = CollectionRules(
    defaults={
        "documents": [],
        "isActive": True,
        "paymentDays": DEFAULT_PAYMENT_DAYS,
        "typeOfCustomer": 10,
        "billingSettings": BILLING_SETTINGS,
    },
    unique=("customerNumber",),
)


def _complete_user(context: Context, change: Change, record: Record) -> Record:
    role = record["userRoleId"]
    if "userRoleId" in change.given and context.store.collection("userRoles").get(str(role)) is None:
        raise bad_request(f"userRoleId: no userRoles with userRoleId {role}")
    return record


CONTACT_PERSONS = CollectionRules(defaults={"isActive": True})

DISTRIBUTORS = CollectionRules(
    unique=("distributorNumber",),
    first_number=20,
    defaults={
        "paymentDays": DEFAULT_PAYMENT_DAYS,
        "isActive": True,
        "selfBillingSettings": {
            "invoiceDeduction": 0,
            "deductionExpenseItem": None,
            "invoiceNumberSeries": "",
            "invoiceCounter": 1,
            "emailForSelfBilling": "",
        },
    },
)

USERS = CollectionRules(
    complete=_complete_user,
    # Lists are filtered by these, and the samples show none of them.
    internal=frozenset({"department", "defaultSalaryType", "userSkills"}),
    defaults={"language": "SV", "department": None, "defaultSalaryType": None, "userSkills": []},
    unique=("userName",),
    numbered=False,
    write_only=frozenset({"modifiedByUser", "deletedByUser", "password"}),
    shown_on_delete=("firstName", "lastName"),
)
