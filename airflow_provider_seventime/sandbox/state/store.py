"""Store of the sandbox: records, number series, and the generator of ids.

A write replaces a record and never changes it in place. Reads and seeds can therefore share records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.sandbox.state.history import History, HistoryEntry
from airflow_provider_seventime.sandbox.state.object_ids import ObjectIds

Record = dict[str, Any]


class StoredCollection:
    """Records of one collection by id, in the order of creation.

    :param records: the records at the start; they are not part of the history.
    :param id_field: field that identifies a record. A number counts as its text.
    :param now: clock for the times of the history; None: the collection has no history.
    """

    def __init__(
        self, records: Iterable[Record] = (), id_field: str = "_id", now: Callable[[], datetime] | None = None
    ) -> None:
        self._id_field = id_field
        self._by_id: dict[str, Record] = {}
        self._positions: dict[str, int] = {}
        self._next_position = 0
        self._newest_id = ""
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
        """True if the order of creation is the order of the ids, so that a sort by ``_id`` is not needed."""
        return self._ascending

    def get(self, record_id: str) -> Record | None:
        """Return a record; None: no record has that id."""
        return self._by_id.get(record_id)

    def put(self, record: Record, at: datetime | None = None) -> None:
        """Add a record at the end, or replace the record of the same id at its position.

        :param at: time of the change in the history; None: now.
        """
        record_id = str(record[self._id_field])
        before = self._by_id.get(record_id)
        if before is None:
            self._ascending = self._ascending and record_id > self._newest_id
            self._newest_id = record_id
            self._positions[record_id] = self._next_position
            self._next_position += 1
        self._by_id[record_id] = record
        self._add_to_history(record_id, before, self._positions[record_id], at)

    def remove(self, record_id: str) -> None:
        """Remove a record.

        :raises KeyError: no record has that id.
        """
        self._add_to_history(record_id, self._by_id.pop(record_id), self._positions.pop(record_id), None)

    def _add_to_history(self, record_id: str, before: Record | None, position: int, at: datetime | None) -> None:
        if self._now is not None:
            self._history.add(HistoryEntry(at or self._now(), record_id, before, position))

    def as_of(self, now: datetime, lag: timedelta) -> list[Record]:
        """Return the records as they were, in the order of creation, as far back as the history reaches.

        :param now: time on the sandbox's clock.
        :param lag: age of the wanted state.
        """
        return self._history.records_before(self._by_id, self._positions, now, lag)

    def slice(self, start: int, stop: int) -> list[Record]:
        """Return the records from position ``start`` to before ``stop`` in the order of creation."""
        return list(islice(self._by_id.values(), start, stop))


class Store:
    """Everything that the state file holds except the clock.

    :param collections: records per collection.
    :param series: per collection, the next number of its number series.
    :param ids: generator of ids; None: a new one.
    :param now: the sandbox's clock, for the history of changes; None: there is no history.
    """

    def __init__(
        self,
        collections: Mapping[str, Iterable[Record]],
        series: Mapping[str, int] | None = None,
        ids: ObjectIds | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._now = now
        self._collections = {
            name: StoredCollection(records, id_field_of(name), now) for name, records in collections.items()
        }
        self.series = dict(series or {})
        self.ids = ids or ObjectIds()
        self.pay_after_seconds: float | None = None
        self.awaiting_payment: dict[str, str] = {}  # invoices sent through the API: id -> time of sending

    def collection(self, name: str) -> StoredCollection:
        """Return a collection; it is empty if it has no records yet."""
        if name not in self._collections:
            self._collections[name] = StoredCollection((), id_field_of(name), self._now)
        return self._collections[name]

    def names(self) -> list[str]:
        """Return the names of the collections, sorted."""
        return sorted(self._collections)

    def next_number(self, name: str, first: int) -> int:
        """Take the next number of a collection's series.

        :param first: first number, if the series is new.
        """
        number = self.series.get(name, first)
        self.series[name] = number + 1
        return number

    def new_id(self, name: str, now: datetime) -> str:
        """Return an id for a new record of a collection."""
        return self.ids.new_id(name, now)

    def state(self) -> dict[str, Any]:
        """Return the store as JSON values for the state file."""
        return {
            "collections": {name: list(records) for name, records in self._collections.items()},
            "series": self.series,
            "ids": {"counter": self.ids.counter, "newest_seconds": self.ids.newest_seconds},
            "pay_after_seconds": self.pay_after_seconds,
            "awaiting_payment": self.awaiting_payment,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any], now: Callable[[], datetime]) -> Store:
        """Return the store of a state file. Its history is empty.

        :param now: the sandbox's clock.
        :raises KeyError: the state is incomplete.
        """
        ids = ObjectIds(state["ids"]["counter"], state["ids"]["newest_seconds"])
        store = cls(state["collections"], state["series"], ids, now)
        after = state["pay_after_seconds"]
        store.pay_after_seconds = None if after is None else float(after)
        store.awaiting_payment = dict(state["awaiting_payment"])
        return store


def id_field_of(name: str) -> str:
    """Return the field that identifies a record of a collection; ``_id`` for parts of records, such as invoice rows."""
    return COLLECTIONS[name].id_field if name in COLLECTIONS else "_id"
