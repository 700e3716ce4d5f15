"""The rules of each collection; one that is not named here has the common ones and no others."""

from __future__ import annotations

from collections.abc import Mapping

from airflow_provider_seventime.sandbox.rules import invoices, people, supplier_invoices, time_logs, work
from airflow_provider_seventime.sandbox.rules.context import CollectionRules

COLLECTION_RULES: Mapping[str, CollectionRules] = {
    "customers": people.CUSTOMERS,
    "users": people.USERS,
    "projects": work.PROJECTS,
    "workOrders": work.WORK_ORDERS,
    "timeLogs": time_logs.TIME_LOGS,
    "invoices": invoices.INVOICES,
    "supplierInvoices": supplier_invoices.SUPPLIER_INVOICES,
}
COMMON = CollectionRules()


def rules_for(name: str) -> CollectionRules:
    """Return the rules of a collection."""
    return COLLECTION_RULES.get(name, COMMON)
