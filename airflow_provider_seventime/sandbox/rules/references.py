"""Ids of other records: they must name something, and answers show names and numbers beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind
from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.state.store import Record, Store

USER_FIELDS = (
    "user",
    "users",
    "createdByUser",
    "modifiedByUser",
    "deletedByUser",
    "ourReference",
    "projectLeader",
    "currentOwner",
    "workLeader",
    "completedByUser",
    "inProgressByUser",
    "approvedBy",
    "attestedBy",
    "salesAgent",
)
REFERENCES: Mapping[str, str] = {
    **dict.fromkeys(USER_FIELDS, "users"),
    "customer": "customers",
    "project": "projects",
    "workOrder": "workOrders",
    "timeCategory": "timeCategories",
    "distributor": "distributors",
    "contactPerson": "contactPersons",
    "department": "departments",
    "resultUnit": "resultUnits",
    "priceList": "priceLists",
    "timeCategoryPriceList": "priceLists",
    "projectType": "projectTypes",
    "workOrderType": "workOrderTypes",
    "expenseItem": "expenseItems",
    "machine": "machines",
    "machines": "machines",
    "supplementOrder": "supplementOrders",
    "supplementOrderId": "supplementOrders",
    "task": "tasks",
    "quote": "quotes",
    "quoteCategory": "quoteCategories",
    "quoteTemplate": "quoteTemplates",
    "invoice": "invoices",
    "machineType": "machineTypes",
    "parentExpenseItem": "expenseItems",
    "fixedPriceExpenseItem": "expenseItems",
    "driverJournalItemType": "driverJournalTypes",
    "car": "vehicles",
    "vehicle": "vehicles",
    "contactPersonDistributor": "distributorContactPersons",
    "projectStatusRef": "projectStatuses",
    "absenceTimeCategory": "timeCategories",
    "salaryType": "defaultSalaryTypes",
    "defaultSalaryType": "defaultSalaryTypes",
    "userSkills": "userSkills",
}
# Fields whose ids belong to another collection in each entry.
OWN_REFERENCES: Mapping[tuple[str, str], str] = {
    ("invoices", "tags"): "invoiceTags",
    ("projects", "tags"): "projectTags",
    ("projects", "projectTags"): "projectTags",
    ("workOrders", "tags"): "workOrderTags",
    ("workOrders", "statusRef"): "workOrderStatuses",
}
PLAIN = frozenset({FieldKind.TEXT, FieldKind.NUMBER, FieldKind.INTEGER, FieldKind.BOOLEAN, FieldKind.INSTANT})


def referenced_collection(resource: CollectionSpec, field: str) -> str | None:
    """Return the collection that a field's ids belong to, or None where the field holds no ids."""
    if resource.fields.get(field) in PLAIN:
        return None  # ourReference is a user on a sales invoice and text on a supplier invoice
    return OWN_REFERENCES.get((resource.name, field)) or REFERENCES.get(field)


def check_references(store: Store, resource: CollectionSpec, values: Mapping[str, Any]) -> None:
    """Refuse ids that name nothing.

    :raises RequestRefusedError: an id names nothing; every such id is listed.
    """
    problems = []
    for field, value in values.items():
        collection = referenced_collection(resource, field)
        if collection is None or value is None:
            continue
        ids = value if isinstance(value, list) else [value]
        problems += [
            f"{field}: no {collection} with _id {one}"
            for one in ids
            if store.collection(collection).get(str(one)) is None
        ]
    if problems:
        raise bad_request("; ".join(problems))


def find_referenced(store: Store, resource: CollectionSpec, record: Mapping[str, Any], field: str) -> Record | None:
    """Return the record that a field's id names, or None."""
    collection = referenced_collection(resource, field)
    value = record.get(field)
    if collection is None or not isinstance(value, str):
        return None
    return store.collection(collection).get(value)


def names_beside(store: Store, resource: CollectionSpec, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that repeat names and numbers of referenced records: ``customerName`` beside ``customer``."""
    beside: dict[str, Any] = {}
    for field in record:
        found = find_referenced(store, resource, record, field)
        if found is None:
            continue
        for suffix, value in _shown(referenced_collection(resource, field) or "", found).items():
            name = f"{field.removesuffix('Id')}{suffix}"
            kind = resource.fields.get(name)
            if kind is not None and value is not None:
                beside[name] = str(value) if kind is FieldKind.TEXT else value
    return beside


def person_name(user: Mapping[str, Any]) -> str:
    """Return a user's name as answers show it beside the id."""
    return f"{user.get('firstName') or ''} {user.get('lastName') or ''}".strip()


def _shown(collection: str, record: Mapping[str, Any]) -> dict[str, Any]:
    if collection == "users":
        return {"Name": person_name(record)}
    known = COLLECTIONS.get(collection)
    name = record.get(known.name_field if known else "name")
    number = record.get(known.number_field) if known and known.number_field else None
    return {"Name": name, "Title": name, "Number": number}
