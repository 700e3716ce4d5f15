"""Names of mapped task instances in Airflow's web page: ids, numbers and references, never names of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

# Airflow's database has 250 characters for a name.
LONGEST_NAME = 200
OWNER_FIELDS = ("customer", "project", "workOrder", "distributor", "user")
NUMBER_FIELDS = ("customerNumber", "projectNumber", "distributorNumber")
CUSTOMER = "customer "  # with the number, which says more than the id
MIDNIGHT = "T00:00:00"


def shortened(name: str) -> str:
    """Return a name on one line that the database can store."""
    line = " ".join(name.split())
    return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1]}…"


def new_record_name(resource: str, record: Any, reference: object, outcome: str | None) -> str:
    """Return the name of a task that creates a record.

    :param resource: the collection.
    :param record: the record in the API's terms, rendered. Its number, or the id of its owner, is part of the name.
    :param reference: the record's reference. None: it has none of its own.
    :param outcome: numbers of the record that was created and of its customer. None: none was created yet.
    """
    fields = record if isinstance(record, Mapping) else {}
    parts = [outcome] if outcome else []
    parts += [f"reference {reference}"] if reference else []
    owners = [f"{field} {fields[field]}" for field in (*NUMBER_FIELDS, *OWNER_FIELDS) if _is_short(fields.get(field))]
    parts += [] if outcome and CUSTOMER in outcome else owners[:1]
    return ", ".join(parts) or resource


def batch_name(resource: str, records: object) -> str:
    """Return the name of a task that creates many records."""
    count = len(records) if isinstance(records, Sequence) and not isinstance(records, str) else None
    return resource if count is None else f"{resource}, {count} records"


def period_name(resource: str, start: object, end: object) -> str:
    """Return the name of a task that reads a collection, with its window if it has one."""
    return resource if start is None or end is None else f"{resource}, {_moment(start)} to {_moment(end)}"


def _moment(value: object) -> str:
    text = value.isoformat() if isinstance(value, date | datetime) else str(value)
    day, time = text[:10], text[10:]
    return day if not time or time.startswith(MIDNIGHT) else text[:16]


def _is_short(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and 0 < len(str(value)) <= LONGEST_NAME
