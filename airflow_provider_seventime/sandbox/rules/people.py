"""Customers and users."""

from __future__ import annotations

from typing import Any

from airflow_provider_seventime.sandbox.rules.context import Change, CollectionRules, Context
from airflow_provider_seventime.sandbox.store import Record

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


def _complete_customer(_context: Context, change: Change, record: Record) -> Record:
    if change.before is None:
        record["billingSettings"] = {**BILLING_SETTINGS, **change.given.get("billingSettings", {})}
    return record


CUSTOMERS = CollectionRules(
    complete=_complete_customer,
    defaults={
        "documents": [],
        "isActive": True,
        "paymentDays": DEFAULT_PAYMENT_DAYS,
        "typeOfCustomer": 10,
        "billingSettings": BILLING_SETTINGS,
    },
    unique=("customerNumber",),
)

USERS = CollectionRules(
    defaults={"language": "SV"},
    unique=("userName",),
    numbered=False,
    write_only=frozenset({"modifiedByUser", "deletedByUser", "password"}),
    shown_on_delete=("firstName", "lastName"),
)
