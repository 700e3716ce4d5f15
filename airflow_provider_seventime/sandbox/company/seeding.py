"""What every part of the seed is made with: dice, ids, dates, and the store that it grows in."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.dates import format_instant, local_midnight
from airflow_provider_seventime.sandbox.rules.context import Context
from airflow_provider_seventime.sandbox.rules.records import new_record
from airflow_provider_seventime.sandbox.rules.references import names_beside, person_name
from airflow_provider_seventime.sandbox.state.store import Record, Store
from airflow_provider_seventime.sandbox.state.values import luhn_digit

ACTING_USER_ID = "511e0a00c0ffee5eed0000aa"  # older than any id that a seed makes
DATE_FIELDS = ("createDate", "createdDate", "modifiedDate")


class Seeding:
    """A company in the making.

    :param seed: decides every throw of the dice.
    :param today: the company's present day.
    :param zone: the company's time zone.
    """

    def __init__(self, seed: int, today: date, zone: tzinfo) -> None:
        self.seed = seed
        self.today = today
        self.zone = zone
        self.store = Store({})

    def dice(self, *purpose: object) -> random.Random:
        """Return dice of their own for a purpose, so that one part of the seed does not move another."""
        return random.Random(f"{self.seed}/{'/'.join(map(str, purpose))}")  # noqa: S311 - no secret hangs on it

    def days_ago(self, days: int) -> date:
        """Return the day so many days before the company's present one."""
        return self.today - timedelta(days=days)

    def instant(self, day: date, at: time = time(9)) -> datetime:
        """Return the instant of a local time of day."""
        return local_midnight(day, self.zone) if at == time(0) else datetime.combine(day, at, self.zone)

    def context(self, now: datetime) -> Context:
        """Return the surroundings of a write at an instant."""
        return Context(self.store, now, self.zone)

    def records(self, collection: str) -> list[Record]:
        """Return what was made of a collection so far."""
        return list(self.store.collection(collection))

    def add(self, collection: str, made: datetime, fields: Mapping[str, Any], record_id: str | None = None) -> Record:
        """Make a record with the defaults of its collection and the names beside its ids.

        :param made: when it was made; its number in the id ascends with it.
        :param record_id: a fixed id; None: the next.
        """
        resource = COLLECTIONS[collection]
        new_id = record_id or fields.get(resource.id_field) or self.store.new_id(collection, made)
        record = {**new_record(resource, new_id), **fields}
        record |= {name: format_instant(made) for name in DATE_FIELDS if name in resource.fields and name not in fields}
        record |= names_beside(self.store, resource, record)
        self.store.collection(collection).put(record)
        return record

    def amend(self, collection: str, record: Record, fields: Mapping[str, Any]) -> Record:
        """Change a record, and the names beside the ids that change."""
        amended = {**record, **fields} | names_beside(self.store, COLLECTIONS[collection], fields)
        self.store.collection(collection).put(amended)
        return amended

    def id_of(self, collection: str, name: str) -> str:
        """Return the id of a record by its name, its number, or a person's first and last name.

        :raises KeyError: nothing is called that.
        """
        resource = COLLECTIONS[collection]
        fields = [field for field in (resource.name_field, resource.number_field) if field]
        for record in self.store.collection(collection):
            if name in {person_name(record), *(str(record.get(field)) for field in fields)}:
                return str(record[resource.id_field])
        raise KeyError(f"no {collection} called {name}")

    def collections(self) -> dict[str, Sequence[Record]]:
        """Return everything that was made, and the collections in which nothing was."""
        served = {name for name, entry in COLLECTIONS.items() if entry.created_resource is None}
        return {name: self.records(name) for name in sorted({*self.store.names(), *served})}


def organization_number(dice: random.Random, group: str = "559") -> str:
    """Return a made-up organization number with the right check digit.

    :param group: its first three digits; 556 and 559 are limited companies, 769 housing societies.
    """
    digits = f"{group}{dice.randrange(1000000):06d}"
    return f"{digits[:6]}-{digits[6:]}{luhn_digit(digits)}"


def personal_number(dice: random.Random) -> str:
    """Return a made-up personal identity number with the right check digit; serials 980-999 are given to nobody."""
    born = date(1952, 1, 1) + timedelta(days=dice.randrange(45 * 365))
    digits = f"{born:%y%m%d}{dice.randrange(980, 1000)}"
    return f"{digits[:6]}-{digits[6:]}{luhn_digit(digits)}"
