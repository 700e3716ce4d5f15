"""The rules of each collection; one that is not named here has the common ones and no others."""

from __future__ import annotations

from collections.abc import Mapping

from airflow_provider_seventime.sandbox.rules import (
    driver_journals,
    expenses,
    invoices,
    people,
    purchase_orders,
    supplier_invoices,
    time_logs,
    webhooks,
    work,
)
from airflow_provider_seventime.sandbox.rules.context import CollectionRules
from airflow_provider_seventime.sandbox.rules.shapes import SHAPES

COLLECTION_RULES: Mapping[str, CollectionRules] = {
    **SHAPES,
    "customers": people.CUSTOMERS,
    "contactPersons": people.CONTACT_PERSONS,
    "distributors": people.DISTRIBUTORS,
    "users": people.USERS,
    "projects": work.PROJECTS,
    "workOrders": work.WORK_ORDERS,
    "timeLogs": time_logs.TIME_LOGS,
    "invoices": invoices.INVOICES,
    "supplierInvoices": supplier_invoices.SUPPLIER_INVOICES,
    "purchaseOrders": purchase_orders.PURCHASE_ORDERS,
    "webhookSubscriptions": webhooks.WEBHOOK_SUBSCRIPTIONS,
    "expenses": expenses.EXPENSES,
    "driverJournals": driver_journals.DRIVER_JOURNALS,
}
COMMON = CollectionRules()


def rules_for(name: str) -> CollectionRules:
    """Return the rules of a collection."""
    return COLLECTION_RULES.get(name, COMMON)
