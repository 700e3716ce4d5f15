"""Distributors."""

from __future__ import annotations

from airflow_provider_seventime.sandbox.rules.context import CollectionRules
from airflow_provider_seventime.sandbox.rules.party_fields import DEFAULT_PAYMENT_DAYS

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
