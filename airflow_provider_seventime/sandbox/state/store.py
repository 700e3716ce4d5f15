"""What the sandbox holds.

Records are never changed in place: a write puts a new one, so that reads and seeds can share them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.sandbox.state.history import Change, History
from airflow_provider_seventime.sandbox.state.object_ids import ObjectIds

Record = dict[str, Any]


class Collection:
    """The records of one collection by id, in the order in which they were made.

    :param records: what it holds from the beginning, which is no change of it.
    :param id_field: the field that identifies a record; a number there counts as its text.
    :param now: the clock that changes are put down by; None: they are not.
    """

    def __init__(
        self, records: Iterable[Record] = (), id_field: str = "_id", now: Callable[[], datetime] | None = None
    ) -> None:
        self._id_field = id_field
        self._by_id: dict[str, Record] = {}
        self._places: dict[str, int] = {}
        self._made = 0
        self._newest = ""
        self._ascending = True
        self._now: Callable[[], datetime] | None = None
        self._history = History()
        for record in records:
            self.put(record)
        self._now = now

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._by_id.values())

    @property
    def ascending(self) -> bool:
        """Whether the order of making is the order of the ids, so that sorting by ``_id`` needs no sort."""
        return self._ascending

    def get(self, record_id: str) -> Record | None:
        """Return a record, or None."""
        return self._by_id.get(record_id)

    def put(self, record: Record, at: datetime | None = None) -> None:
        """Add a record at the end, or replace the one of the same id where it stands.

        :param at: the instant that the change is put down at; None: the clock's.
        """
        record_id = str(record[self._id_field])
        before = self._by_id.get(record_id)
        if before is None:
            self._ascending = self._ascending and record_id > self._newest
            self._newest = record_id
            self._places[record_id] = self._made
            self._made += 1
        self._by_id[record_id] = record
        self._note(record_id, before, self._places[record_id], at)

    def remove(self, record_id: str) -> None:
        """Remove a record that is there."""
        self._note(record_id, self._by_id.pop(record_id), self._places.pop(record_id), None)

    def _note(self, record_id: str, before: Record | None, place: int, at: datetime | None) -> None:
        if self._now is not None:
            self._history.note(Change(at or self._now(), record_id, before, place))

    def as_of(self, now: datetime, lag: timedelta) -> list[Record]:
        """Return the records as they were, in the order of making, as far back as changes are remembered.

        :param now: the sandbox's instant.
        :param lag: how long ago.
        """
        return self._history.undone(self._by_id, self._places, now, lag)

    def slice(self, start: int, stop: int) -> list[Record]:
        """Return the records from one place to another in the order of making."""
        return list(islice(self._by_id.values(), start, stop))


class Store:
    """Everything that a restart must remember, the clock aside.

    :param collections: the records per collection.
    :param series: per collection, the next number of its number series.
    :param ids: the maker of ids to go on with; None: a new one.
    :param now: the sandbox's clock, by which changes are put down; None: they are not.
    """

    def __init__(
        self,
        collections: Mapping[str, Iterable[Record]],
        series: Mapping[str, int] | None = None,
        ids: ObjectIds | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._now = now
        self._collections = {name: Collection(records, _id_field(name), now) for name, records in collections.items()}
        self.series = dict(series or {})
        self.ids = ids or ObjectIds()
        self.pay_after_seconds: float | None = None
        self.awaiting_payment: dict[str, str] = {}  # invoices sent through the API: id -> instant

    def collection(self, name: str) -> Collection:
        """Return a collection; one without records yet is empty."""
        if name not in self._collections:
            self._collections[name] = Collection((), _id_field(name), self._now)
        return self._collections[name]

    def names(self) -> list[str]:
        """Return the names of the collections, sorted."""
        return sorted(self._collections)

    def next_number(self, name: str, first: int) -> int:
        """Take the next number of a collection's series.

        :param first: the number to begin with when the series is new.
        """
        number = self.series.get(name, first)
        self.series[name] = number + 1
        return number

    def new_id(self, name: str, now: datetime) -> str:
        """Return an id for a new record of a collection."""
        return self.ids.make(name, now)

    def remember(self) -> dict[str, Any]:
        """Return the store as JSON holds it."""
        return {
            "collections": {name: list(held) for name, held in self._collections.items()},
            "series": self.series,
            "ids": {"counter": self.ids.counter, "newest_seconds": self.ids.newest_seconds},
            "pay_after_seconds": self.pay_after_seconds,
            "awaiting_payment": self.awaiting_payment,
        }

    @classmethod
    def recall(cls, state: Mapping[str, Any], now: Callable[[], datetime]) -> Store:
        """Return the store that was remembered; the changes that led to it are not.

        :param now: the sandbox's clock.
        :raises KeyError: something is missing.
        """
        ids = ObjectIds(state["ids"]["counter"], state["ids"]["newest_seconds"])
        store = cls(state["collections"], state["series"], ids, now)
        after = state["pay_after_seconds"]
        store.pay_after_seconds = None if after is None else float(after)
        store.awaiting_payment = dict(state["awaiting_payment"])
        return store


def _id_field(name: str) -> str:
    """Return what identifies a record of a collection; parts of records, such as invoice rows, have an ``_id``."""
    return COLLECTIONS[name].id_field if name in COLLECTIONS else "_id"
