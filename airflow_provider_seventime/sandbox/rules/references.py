"""References: fields that hold ids of other records, and the names that responses repeat beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind
from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.state.store import Record, Store
from airflow_provider_seventime.sandbox.state.values import number_as_sent

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
# Fields that refer to different collections in different places.
COLLECTION_REFERENCES: Mapping[tuple[str, str], str] = {
    ("invoices", "tags"): "invoiceTags",
    ("projects", "tags"): "projectTags",
    ("projects", "projectTags"): "projectTags",
    ("workOrders", "tags"): "workOrderTags",
    ("workOrders", "statusRef"): "workOrderStatuses",
}
PLAIN_KINDS = frozenset({FieldKind.TEXT, FieldKind.NUMBER, FieldKind.INTEGER, FieldKind.BOOLEAN, FieldKind.INSTANT})


def referenced_collection(collection: CollectionSpec, field: str) -> str | None:
    """Return the name of the collection that a field refers to; None: the field is no reference."""
    if collection.fields.get(field) in PLAIN_KINDS:
        return None  # ourReference is a user on a sales invoice and text on a supplier invoice
    return COLLECTION_REFERENCES.get((collection.name, field)) or REFERENCES.get(field)


def check_references(store: Store, collection: CollectionSpec, values: Mapping[str, Any]) -> None:
    """Check that every id in a request belongs to a record.

    :raises RequestRefusedError: ids without a record; the message lists all of them (400).
    """
    problems = []
    for field, value in values.items():
        referenced = referenced_collection(collection, field)
        if referenced is None or value is None:
            continue
        ids = value if isinstance(value, list) else [value]
        problems += [
            f"{field}: no {referenced} with _id {record_id}"
            for record_id in ids
            if store.collection(referenced).get(str(record_id)) is None
        ]
    if problems:
        raise bad_request("; ".join(problems))


def find_referenced(store: Store, collection: CollectionSpec, record: Mapping[str, Any], field: str) -> Record | None:
    """Return the record that a field refers to; None: the field is empty, no reference, or the record is deleted."""
    referenced = referenced_collection(collection, field)
    value = record.get(field)
    if referenced is None or not isinstance(value, str):
        return None
    return store.collection(referenced).get(value)


def referenced_names(store: Store, collection: CollectionSpec, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return names and numbers of the referenced records, for example ``customerName`` beside ``customer``."""
    names: dict[str, Any] = {}
    for field in record:
        found = find_referenced(store, collection, record, field)
        if found is None:
            continue
        for suffix, value in _name_and_number(referenced_collection(collection, field) or "", found).items():
            name = f"{field.removesuffix('Id')}{suffix}"
            kind = collection.fields.get(name)
            if kind is not None and value is not None:
                names[name] = number_as_sent(collection, name, value)
    return names


def person_name(user: Mapping[str, Any]) -> str:
    """Return first and last name of a user."""
    return f"{user.get('firstName') or ''} {user.get('lastName') or ''}".strip()


def _name_and_number(referenced: str, record: Mapping[str, Any]) -> dict[str, Any]:
    if referenced == "users":
        return {"Name": person_name(record)}
    known = COLLECTIONS.get(referenced)
    name = record.get(known.name_field if known else "name")
    number = record.get(known.number_field) if known and known.number_field else None
    return {"Name": name, "Title": name, "Number": number}
