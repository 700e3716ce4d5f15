"""Create, update and delete records of any collection.

The common rules: default values, dates of change, number series, unique fields and references.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind
from airflow_provider_seventime.dates import format_instant, read_instant
from airflow_provider_seventime.sandbox.refusal import bad_request, not_found
from airflow_provider_seventime.sandbox.rules.context import CollectionRules, RecordChange, WriteContext
from airflow_provider_seventime.sandbox.rules.references import check_references, referenced_names
from airflow_provider_seventime.sandbox.rules.registry import rules_for
from airflow_provider_seventime.sandbox.rules.series import next_free_number
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import MAX_INTEGER_DIGITS, number_as_sent

EMPTY_VALUES: Mapping[FieldKind, Any] = {
    FieldKind.ID: None,
    FieldKind.TEXT: "",
    FieldKind.NUMBER: 0,
    FieldKind.INTEGER: 0,
    FieldKind.BOOLEAN: False,
    FieldKind.INSTANT: None,
}
MERGED_OBJECTS = ("billingSettings", "deliveryAddress", "workAddress", "houseProperties", "invoiceAddress")


def empty_record(collection: CollectionSpec) -> Record:
    """Return every documented plain field of a collection with the value that an empty field has in responses."""
    return {
        name: 0 if name in collection.chosen_numbers else EMPTY_VALUES[kind] for name, kind in collection.fields.items()
    }


def new_record(collection: CollectionSpec, record_id: str) -> Record:
    """Return a record with an id, the default values, and every other field empty."""
    return {collection.id_field: record_id, **empty_record(collection), **rules_for(collection.name).defaults}


def create(context: WriteContext, collection: CollectionSpec, values: Mapping[str, Any]) -> Record:
    """Create a record and store it.

    :param values: body of the POST, checked against the contract.
    :raises RequestRefusedError: a rule forbids the record; nothing has changed.
    """
    rules = rules_for(collection.name)
    check_references(context.store, collection, values)
    change = RecordChange(collection, None, _given(context, collection, rules, values), values.get("createdByUser"))
    empty = new_record(collection, context.store.new_id(collection.name, context.now))
    record = {**empty, **_merged(empty, change.given)}
    record |= referenced_names(context.store, collection, record)
    dates = ("createDate", "createdDate", "modifiedDate")
    record |= {name: context.timestamp for name in dates if name in collection.fields}
    _check_unique(context, rules, collection, record)
    record = rules.complete(context, change, record)
    record |= _number(context, rules, collection, record)
    context.store.collection(collection.name).put(record)
    return record


def update(context: WriteContext, collection: CollectionSpec, values: Mapping[str, Any]) -> Record:
    """Update a record and store it.

    :param values: body of the PUT, checked against the contract.
    :raises RequestRefusedError: the record does not exist, or a rule forbids the change; nothing has changed.
    """
    rules = rules_for(collection.name)
    # A loaded record may have no more than an id.
    before = new_record(collection, values["_id"]) | find(context, collection, values["_id"])
    check_references(context.store, collection, values)
    given = _given(context, collection, rules, values)
    given.pop("createdByUser", None)  # an update does not change who created the record
    acting_user = values.get("modifiedByUser") or values.get("createdByUser")
    change = RecordChange(collection, before, given, acting_user)
    record = {**before, **_merged(before, given)}
    record |= referenced_names(context.store, collection, {name: record[name] for name in given if name in record})
    if "modifiedDate" in collection.fields:
        record["modifiedDate"] = context.timestamp
    _check_unique(context, rules, collection, record)
    record = rules.complete(context, change, record)
    context.store.collection(collection.name).put(record)
    return record


def delete(context: WriteContext, collection: CollectionSpec, values: Mapping[str, Any]) -> Record:
    """Delete a record and return the fields that the response contains.

    Records that refer to the deleted one keep its id and name.

    :param values: body of the DELETE, checked against the contract.
    :raises RequestRefusedError: the record or the deleting user does not exist.
    """
    record = find(context, collection, values["_id"])
    check_references(context.store, collection, values)
    context.store.collection(collection.name).remove(record["_id"])
    shown = rules_for(collection.name).shown_on_delete
    if shown is None:
        shown = tuple(name for name in (collection.name_field, collection.number_field) if name)
    return {name: record.get(name) for name in ("_id", *shown)} if shown else record


def find(context: WriteContext, collection: CollectionSpec, record_id: str) -> Record:
    """Return a record.

    :raises RequestRefusedError: no record has that id (404).
    """
    record = context.store.collection(collection.name).get(record_id)
    if record is None:
        raise not_found(f"no {collection.name} with _id {record_id}")
    return record


def _given(
    context: WriteContext, collection: CollectionSpec, rules: CollectionRules, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the fields of a request under the names and in the forms of responses."""
    given = {}
    for written, value in values.items():
        if written == collection.id_field:
            continue
        name = rules.renamed.get(written, written)
        if name in rules.write_only and name not in collection.fields:
            continue
        if written == "createdByUser" and name not in collection.fields:
            continue
        try:
            given[name] = _stored(context, collection, name, value)
        except ValueError as error:
            raise bad_request(f"{written}: {error}") from error
    return given


def _stored(context: WriteContext, collection: CollectionSpec, name: str, value: Any) -> Any:
    kind = collection.fields.get(name)
    if name in collection.chosen_numbers and isinstance(value, str):
        return number_as_sent(collection, name, value)
    if kind is FieldKind.INSTANT and isinstance(value, str):
        return format_instant(read_instant(value, context.zone))
    if kind is FieldKind.INTEGER and isinstance(value, str | Decimal):
        if isinstance(value, Decimal) or not value.isdecimal() or len(value) > MAX_INTEGER_DIGITS:
            raise ValueError(f"must be a whole number, not {str(value)!r:.60}")
        return int(value)
    return value


def _merged(before: Record, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the given fields. An object such as ``billingSettings`` keeps the members that the request leaves out."""
    return {
        name: {**(before.get(name) or {}), **value} if name in MERGED_OBJECTS and isinstance(value, Mapping) else value
        for name, value in given.items()
    }


def _check_unique(context: WriteContext, rules: CollectionRules, collection: CollectionSpec, record: Record) -> None:
    for field in rules.unique:
        value = record.get(field)
        if value in (None, "", 0):
            continue
        for other in context.store.collection(collection.name):
            if other.get(field) == value and other["_id"] != record["_id"]:
                message = f"{field}: {value!r} is taken by {collection.name} {other['_id']}; it has to be unique"
                raise bad_request(message)


def _number(
    context: WriteContext, rules: CollectionRules, collection: CollectionSpec, record: Record
) -> dict[str, Any]:
    """Return the number of a new record: the next one of the series, unless the record has one."""
    field = collection.number_field
    if field is None or not rules.numbered or record.get(field) not in (None, "", 0):
        return {}
    number = next_free_number(context.store, collection.name, field, rules.first_number)
    return {field: number_as_sent(collection, field, number)}
