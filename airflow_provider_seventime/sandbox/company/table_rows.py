"""Seed records from ``tables/*.json``, one list of rows per collection.

A row contains names of other records instead of ids, and days before the current day instead of dates: ``30``, or
``[30, "07:30"]`` with a local time. Its field ``daysAgo`` is the day of creation. The rules of the API create the
records, so that computed fields are correct. Fields that no POST may contain are set afterwards.
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
from airflow_provider_seventime.exceptions import SevenTimeError
from airflow_provider_seventime.sandbox.company.seeding import ACTING_USER_ID, Seeding
from airflow_provider_seventime.sandbox.company.settings import FOUNDED_DAYS_AGO
from airflow_provider_seventime.sandbox.refusal import RequestRefusedError
from airflow_provider_seventime.sandbox.rules import records
from airflow_provider_seventime.sandbox.rules.references import referenced_collection
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import plain_value


def read_table(theme: str) -> dict[str, list[Record]]:
    """Return the rows of a file per collection.

    :param theme: name of the file in ``tables/``, without ``.json``.
    """
    file = resources.files("airflow_provider_seventime.sandbox.company").joinpath("tables", f"{theme}.json")
    tables: dict[str, list[Record]] = exact_json.decode(file.read_bytes())
    return tables


def make_tables(seeding: Seeding, theme: str) -> None:
    """Create the records of a file, in its order.

    :raises SevenTimeError: a row is invalid; a note on the error names the row.
    :raises RequestRefusedError: a row refers to a record that does not exist yet, likewise.
    :raises KeyError: a row contains the name of a record that does not exist yet, likewise.
    """
    for name, rows in read_table(theme).items():
        for index, row in enumerate(rows):
            try:
                make_row(seeding, COLLECTIONS[name], row)
            except (SevenTimeError, RequestRefusedError, KeyError) as error:
                error.add_note(
                    f"Row {index} of {name} in sandbox/company/tables/{theme}.json. "
                    "If it refers to a record that does not exist yet, move the collection to a file that "
                    "build_company() reads later."
                )
                raise


def make_row(seeding: Seeding, collection: CollectionSpec, row: Mapping[str, Any]) -> Record:
    """Create the record of a row."""
    created = seeding.instant(seeding.days_ago(row.get("daysAgo", FOUNDED_DAYS_AGO)))
    fields = resolved(seeding, collection, {name: value for name, value in row.items() if name != "daysAgo"})
    if collection.create is None:
        return seeding.add(collection.name, created, fields)
    model = record_model(collection, "create")
    written = [name for name in fields if model.documented_loosely or name in model.field_names()]
    values = {"createdByUser": ACTING_USER_ID, **{name: fields[name] for name in written}}
    checked = plain_value(check_record(collection, "create", values, seeding.zone))
    record = records.create(seeding.context(created), collection, checked)
    return seeding.amend(collection.name, record, {name: fields[name] for name in fields if name not in written})


def resolved(seeding: Seeding, collection: CollectionSpec, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with ids instead of names, and instants instead of days."""
    return {name: _resolved_value(seeding, collection, name, value) for name, value in row.items()}


def _resolved_value(seeding: Seeding, collection: CollectionSpec, name: str, value: Any) -> Any:
    if collection.fields.get(name) is FieldKind.INSTANT and isinstance(value, int | list):
        days, at = value if isinstance(value, list) else (value, "00:00")
        return format_instant(seeding.instant(seeding.days_ago(days), time.fromisoformat(at)))
    if isinstance(value, list) and all(isinstance(one, Mapping) for one in value):
        return [resolved(seeding, collection, one) for one in value]
    referenced = referenced_collection(collection, name)
    if referenced is None or value is None:
        return value
    if isinstance(value, list):
        return [seeding.id_of(referenced, one) for one in value]
    return seeding.id_of(referenced, value)
