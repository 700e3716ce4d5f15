"""Tools for the seed: random numbers, dates, ids, and the store that receives the records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from random import Random
from typing import Any

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.dates import format_instant, local_midnight
from airflow_provider_seventime.sandbox.rules.context import WriteContext
from airflow_provider_seventime.sandbox.rules.records import new_record
from airflow_provider_seventime.sandbox.rules.references import person_name, referenced_names
from airflow_provider_seventime.sandbox.state.store import Record, Store
from airflow_provider_seventime.sandbox.state.values import luhn_digit

DEFAULT_SEED = 7
ACTING_USER_ID = "511e0a00c0ffee5eed0000aa"  # older than every seeded id
DATE_FIELDS = ("createDate", "createdDate", "modifiedDate")


class Seeding:
    """Seed of one company.

    :param seed: seed of the random numbers.
    :param today: current day of the company.
    :param zone: time zone of the company.
    """

    def __init__(self, seed: int, today: date, zone: tzinfo) -> None:
        self.seed = seed
        self.today = today
        self.zone = zone
        self.store = Store({})

    def random(self, *purpose: object) -> Random:
        """Return separate random numbers for a purpose, so that a change to one part of the seed leaves the others."""
        return Random(f"{self.seed}/{'/'.join(map(str, purpose))}")  # noqa: S311 - not used for secrets

    def days_ago(self, days: int) -> date:
        """Return the day so many days before the current day."""
        return self.today - timedelta(days=days)

    def instant(self, day: date, at: time = time(9)) -> datetime:
        """Return the instant of a day and a local time."""
        return local_midnight(day, self.zone) if at == time(0) else datetime.combine(day, at, self.zone)

    def context(self, now: datetime) -> WriteContext:
        """Return the context of a write at an instant."""
        return WriteContext(self.store, now, self.zone)

    def records(self, resource: str) -> list[Record]:
        """Return the records of a collection that exist so far."""
        return list(self.store.collection(resource))

    def add(self, resource: str, created: datetime, fields: Mapping[str, Any], record_id: str | None = None) -> Record:
        """Store a record with the defaults of its collection and the names of the records that it refers to.

        :param created: time of creation, which the id contains.
        :param record_id: a fixed id; None: the next one.
        """
        collection = COLLECTIONS[resource]
        new_id = record_id or fields.get(collection.id_field) or self.store.new_id(resource, created)
        record = {**new_record(collection, new_id), **fields}
        record |= {
            name: format_instant(created) for name in DATE_FIELDS if name in collection.fields and name not in fields
        }
        record |= referenced_names(self.store, collection, record)
        self.store.collection(resource).put(record)
        return record

    def amend(self, resource: str, record: Record, fields: Mapping[str, Any]) -> Record:
        """Change fields of a record, and the names of the records that it then refers to."""
        amended = {**record, **fields} | referenced_names(self.store, COLLECTIONS[resource], fields)
        self.store.collection(resource).put(amended)
        return amended

    def id_of(self, resource: str, name: str) -> str:
        """Return the id of a record by its name, its number, or a person's first and last name.

        :raises KeyError: no record has that name.
        """
        collection = COLLECTIONS[resource]
        fields = [field for field in (collection.name_field, collection.number_field) if field]
        for record in self.store.collection(resource):
            if name in {person_name(record), *(str(record.get(field)) for field in fields)}:
                return str(record[collection.id_field])
        raise KeyError(f"no {resource} with the name {name}")

    def collections(self) -> dict[str, Sequence[Record]]:
        """Return every record per collection; the empty collections of the API too."""
        served = {name for name, collection in COLLECTIONS.items() if collection.created_resource is None}
        return {name: self.records(name) for name in sorted({*self.store.names(), *served})}


def organization_number(random: Random, group: str = "559") -> str:
    """Return a fictitious organization number with a correct check digit.

    :param group: first three digits; 556 and 559 are limited companies, 769 housing societies.
    """
    digits = f"{group}{random.randrange(1000000):06d}"
    return f"{digits[:6]}-{digits[6:]}{luhn_digit(digits)}"


def personal_number(random: Random) -> str:
    """Return a fictitious personal identity number with a correct check digit. Serials 980-999 are never issued."""
    born = date(1952, 1, 1) + timedelta(days=random.randrange(45 * 365))
    digits = f"{born:%y%m%d}{random.randrange(980, 1000)}"
    return f"{digits[:6]}-{digits[6:]}{luhn_digit(digits)}"
