"""Addresses of the vendor's documentation of the API, per collection."""

from __future__ import annotations

VENDOR_DOCUMENTATION = "https://docs.seventime.se/"

# Chapters of the documentation, as fragments of its address. Lookup tables are in the chapter of what they belong to.
CHAPTERS = {
    "customers": "customers",
    "contactPersons": "contact-persons",
    "users": "users",
    "userRoles": "users",
    "userSkills": "users",
    "userWorkTypes": "users",
    "defaultSalaryTypes": "users",
    "departments": "departments",
    "projects": "projects",
    "projectStatuses": "projects",
    "projectTags": "projects",
    "projectTypes": "projects",
    "supplementOrders": "supplement-orders",
    "workOrders": "work-orders",
    "workOrderStatuses": "work-orders",
    "workOrderTags": "work-orders",
    "workOrderTypes": "work-orders",
    "priceLists": "price-lists",
    "invoices": "invoices",
    "invoiceTags": "invoices",
    "supplierInvoices": "supplier-invoices",
    "machines": "machines",
    "machineTypes": "machines",
    "machineTimeLogs": "machine-time-logs",
    "timeLogs": "time-logs",
    "timeCategories": "time-logs",
    "expenses": "expenses",
    "expenseItems": "expenses",
    "driverJournals": "driver-journals",
    "driverJournalTypes": "driver-journals",
    "vehicles": "vehicles",
    "distributors": "distributors",
    "distributorContactPersons": "distributors",
    "purchaseOrders": "purchase-orders",
    "resultUnits": "result-unit",
    "quotes": "quote",
    "quoteCategories": "quote",
    "quoteTemplates": "quote",
    "customFields": "custom-fields",
}


def documentation_url(resource: str) -> str:
    """Return the address of a collection's chapter, or of the whole documentation if the chapter is not known.

    :param resource: the API's name of the collection.
    """
    chapter = CHAPTERS.get(resource)
    return f"{VENDOR_DOCUMENTATION}#{chapter}" if chapter else VENDOR_DOCUMENTATION
