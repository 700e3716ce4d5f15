"""Rules of every collection, by its name."""

from __future__ import annotations

from collections.abc import Mapping

from airflow_provider_seventime.sandbox.rules.collections import (
    customers,
    default_fields,
    distributors,
    driver_journals,
    expenses,
    invoices,
    projects,
    purchase_orders,
    supplier_invoices,
    time_logs,
    users,
    webhook_subscriptions,
    work_orders,
)
from airflow_provider_seventime.sandbox.rules.context import CollectionRules

COLLECTION_RULES: Mapping[str, CollectionRules] = {
    **default_fields.DEFAULT_FIELDS,
    "customers": customers.CUSTOMERS,
    "distributors": distributors.DISTRIBUTORS,
    "users": users.USERS,
    "projects": projects.PROJECTS,
    "workOrders": work_orders.WORK_ORDERS,
    "timeLogs": time_logs.TIME_LOGS,
    "invoices": invoices.INVOICES,
    "supplierInvoices": supplier_invoices.SUPPLIER_INVOICES,
    "purchaseOrders": purchase_orders.PURCHASE_ORDERS,
    "webhookSubscriptions": webhook_subscriptions.WEBHOOK_SUBSCRIPTIONS,
    "expenses": expenses.EXPENSES,
    "driverJournals": driver_journals.DRIVER_JOURNALS,
}
COMMON_RULES = CollectionRules()


def rules_for(name: str) -> CollectionRules:
    """Return the rules of a collection; a collection without an entry has the common rules only."""
    return COLLECTION_RULES.get(name, COMMON_RULES)
