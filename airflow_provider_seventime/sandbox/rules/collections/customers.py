"""Customers."""

from __future__ import annotations

from typing import Any

from airflow_provider_seventime.sandbox.rules.context import CollectionRules
from airflow_provider_seventime.sandbox.rules.party_fields import DEFAULT_PAYMENT_DAYS

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
