"""What is the same in every collection: blank fields, dates of change, number series, unique numbers, references."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind
from airflow_provider_seventime.dates import format_instant, read_instant
from airflow_provider_seventime.sandbox.refusal import bad_request, not_found
from airflow_provider_seventime.sandbox.rules.collections import rules_for
from airflow_provider_seventime.sandbox.rules.context import Change, CollectionRules, Context
from airflow_provider_seventime.sandbox.rules.references import check_references, names_beside
from airflow_provider_seventime.sandbox.rules.series import next_free_number
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import LONGEST_INTEGER

BLANKS: Mapping[FieldKind, Any] = {
    FieldKind.ID: None,
    FieldKind.TEXT: "",
    FieldKind.NUMBER: 0,
    FieldKind.INTEGER: 0,
    FieldKind.BOOLEAN: False,
    FieldKind.INSTANT: None,
}
MERGED = ("billingSettings", "deliveryAddress", "workAddress", "houseProperties", "invoiceAddress")


def blank_record(resource: CollectionSpec) -> Record:
    """Return every documented plain field of a collection, empty as the samples show empty fields."""
    return {name: BLANKS[kind] for name, kind in resource.fields.items()}


def new_record(resource: CollectionSpec, record_id: str) -> Record:
    """Return a record of a collection that holds nothing but its id and the defaults."""
    return {resource.id_field: record_id, **blank_record(resource), **rules_for(resource.name).defaults}


def create(context: Context, resource: CollectionSpec, values: Mapping[str, Any]) -> Record:
    """Make a record from a checked POST and put it into the store.

    :raises RequestRefusedError: a rule forbids it; then nothing has changed.
    """
    rules = rules_for(resource.name)
    check_references(context.store, resource, values)
    change = Change(resource, None, _given(context, resource, rules, values), values.get("createdByUser"))
    blank = new_record(resource, context.store.new_id(resource.name, context.now))
    record = {**blank, **_merged(blank, change.given)}
    record |= names_beside(context.store, resource, record)
    record |= {name: context.stamp for name in ("createDate", "createdDate", "modifiedDate") if name in resource.fields}
    _refuse_duplicates(context, rules, resource, record)
    record = rules.complete(context, change, record)
    record |= _number(context, rules, resource, record)
    context.store.collection(resource.name).put(record)
    return record


def update(context: Context, resource: CollectionSpec, values: Mapping[str, Any]) -> Record:
    """Change a record by a checked PUT.

    :raises RequestRefusedError: there is no such record, or a rule forbids the change; then nothing has changed.
    """
    rules = rules_for(resource.name)
    before = find(context, resource, values["_id"])
    check_references(context.store, resource, values)
    given = _given(context, resource, rules, values)
    change = Change(resource, before, given, values.get("modifiedByUser"))
    record = {**before, **_merged(before, given)}
    record |= names_beside(context.store, resource, {name: record[name] for name in given if name in record})
    if "modifiedDate" in resource.fields:
        record["modifiedDate"] = context.stamp
    _refuse_duplicates(context, rules, resource, record)
    record = rules.complete(context, change, record)
    context.store.collection(resource.name).put(record)
    return record


def delete(context: Context, resource: CollectionSpec, values: Mapping[str, Any]) -> Record:
    """Remove a record by a checked DELETE and return what the answer shows of it.

    Records that refer to it keep its id and name, as documents of a MongoDB do.

    :raises RequestRefusedError: there is no such record, or the deleting user does not exist.
    """
    record = find(context, resource, values["_id"])
    check_references(context.store, resource, values)
    context.store.collection(resource.name).remove(record["_id"])
    shown = rules_for(resource.name).shown_on_delete
    if shown is None:
        shown = tuple(name for name in (resource.name_field, resource.number_field) if name)
    return {name: record.get(name) for name in ("_id", *shown)} if shown else record


def find(context: Context, resource: CollectionSpec, record_id: str) -> Record:
    """Return a record.

    :raises RequestRefusedError: there is none with that id (404).
    """
    record = context.store.collection(resource.name).get(record_id)
    if record is None:
        raise not_found(f"no {resource.name} with _id {record_id}")
    return record


def _given(
    context: Context, resource: CollectionSpec, rules: CollectionRules, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a write carried in the names and forms of answers."""
    given = {}
    for written, value in values.items():
        if written == resource.id_field:
            continue
        name = rules.renamed.get(written, written)
        if name in rules.write_only and name not in resource.fields:
            continue
        if written == "createdByUser" and name not in resource.fields:
            continue
        try:
            given[name] = _stored(context, resource.fields.get(name), value)
        except ValueError as error:
            raise bad_request(f"{written}: {error}") from error
    return given


def _stored(context: Context, kind: FieldKind | None, value: Any) -> Any:
    if kind is FieldKind.INSTANT and isinstance(value, str):
        return format_instant(read_instant(value, context.zone))
    if kind is FieldKind.INTEGER and isinstance(value, str | Decimal):
        if isinstance(value, Decimal) or not value.isdecimal() or len(value) > LONGEST_INTEGER:
            raise ValueError(f"must be a whole number, not {str(value)!r:.60}")
        return int(value)
    return value


def _merged(before: Record, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the given fields, where a part that is an object keeps what the write did not name."""
    return {
        name: {**(before.get(name) or {}), **value} if name in MERGED and isinstance(value, Mapping) else value
        for name, value in given.items()
    }


def _refuse_duplicates(context: Context, rules: CollectionRules, resource: CollectionSpec, record: Record) -> None:
    for field in rules.unique:
        value = record.get(field)
        if value in (None, "", 0):
            continue
        for other in context.store.collection(resource.name):
            if other.get(field) == value and other["_id"] != record["_id"]:
                raise bad_request(f"{field}: {value!r} is taken by {resource.name} {other['_id']}; it has to be unique")


def _number(context: Context, rules: CollectionRules, resource: CollectionSpec, record: Record) -> dict[str, Any]:
    """Return the number of a new record, from the series where the caller gave none."""
    field = resource.number_field
    if field is None or not rules.numbered or record.get(field) not in (None, "", 0):
        return {}
    number = next_free_number(context.store, resource.name, field, rules.first_number)
    return {field: number if resource.fields.get(field) is FieldKind.INTEGER else str(number)}
