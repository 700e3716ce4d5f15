"""Seed records that stand in tables: ``tables/*.json``, one list of rows per collection.

A row names other records instead of giving ids, and days before the company's present one instead of dates: ``30``, or
``[30, "07:30"]`` with a time of day. Its own ``daysAgo`` tells when the record was made. What the API can create is
made by the very rules that serve the API, so that computed fields are right; what no create may carry is set after.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from importlib import resources
from typing import Any

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.checking import check_record, record_model
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind
from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.sandbox.company.seeding import ACTING_USER_ID, Seeding
from airflow_provider_seventime.sandbox.company.settings import FOUNDED_DAYS_AGO
from airflow_provider_seventime.sandbox.rules import records as rules
from airflow_provider_seventime.sandbox.rules.references import referenced_collection
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import plain_value


def read_table(theme: str) -> dict[str, list[Record]]:
    """Return the rows of a theme per collection, as they stand in its file."""
    file = resources.files("airflow_provider_seventime.sandbox.company").joinpath("tables", f"{theme}.json")
    tables: dict[str, list[Record]] = exact_json.decode(file.read_bytes())
    return tables


def make_tables(seeding: Seeding, theme: str) -> None:
    """Make the records of a theme, in the order of the file."""
    for collection, rows in read_table(theme).items():
        for row in rows:
            make_row(seeding, COLLECTIONS[collection], row)


def make_row(seeding: Seeding, resource: CollectionSpec, row: Mapping[str, Any]) -> Record:
    """Make the record of a row."""
    made = seeding.instant(seeding.days_ago(row.get("daysAgo", FOUNDED_DAYS_AGO)))
    fields = resolved(seeding, resource, {name: value for name, value in row.items() if name != "daysAgo"})
    if resource.create is None:
        return seeding.add(resource.name, made, fields)
    model = record_model(resource, "create")
    written = {name for name in fields if model.documented_loosely or name in model.field_names()}
    values = {"createdByUser": ACTING_USER_ID, **{name: fields[name] for name in written}}
    checked = plain_value(check_record(resource, "create", values, seeding.zone))
    record = rules.create(seeding.context(made), resource, checked)
    return seeding.amend(resource.name, record, {name: fields[name] for name in fields if name not in written})


def resolved(seeding: Seeding, resource: CollectionSpec, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with ids in place of names and instants in place of days."""
    return {name: _resolved_value(seeding, resource, name, value) for name, value in row.items()}


def _resolved_value(seeding: Seeding, resource: CollectionSpec, name: str, value: Any) -> Any:
    if resource.fields.get(name) is FieldKind.INSTANT and isinstance(value, int | list):
        days, at = value if isinstance(value, list) else (value, "00:00")
        return format_instant(seeding.instant(seeding.days_ago(days), time.fromisoformat(at)))
    if isinstance(value, list) and all(isinstance(one, Mapping) for one in value):
        return [resolved(seeding, resource, one) for one in value]
    collection = referenced_collection(resource, name)
    if collection is None or value is None:
        return value
    if isinstance(value, list):
        return [seeding.id_of(collection, one) for one in value]
    return seeding.id_of(collection, value)
