"""Ids in the form of MongoDB's ObjectId: 24 hexadecimal digits from seconds, machine and counter."""

from __future__ import annotations

from datetime import datetime

MACHINE = "c0ffee5eed"  # the same in every sandbox, so that equal seeds have equal ids


class ObjectIds:
    """Generator of ids.

    The ids of one collection ascend, also after the clock is set back.

    :param counter: number of ids generated before.
    :param newest_seconds: per collection, the seconds of its newest id.
    """

    def __init__(self, counter: int = 0, newest_seconds: dict[str, int] | None = None) -> None:
        self.counter = counter
        self.newest_seconds = dict(newest_seconds or {})

    def new_id(self, collection: str, created: datetime) -> str:
        """Return the next id of a collection.

        :param collection: name of the collection.
        :param created: time of creation of the record.
        """
        return self.new_id_at(collection, int(created.timestamp()))

    def new_id_at(self, collection: str, seconds: int) -> str:
        """Return the next id of a collection.

        :param collection: name of the collection.
        :param seconds: time of creation of the record, in seconds since 1970.
        """
        seconds = max(seconds, self.newest_seconds.get(collection, 0))
        self.newest_seconds[collection] = seconds
        self.counter += 1
        return f"{seconds:08x}{MACHINE}{self.counter:06x}"

    def copy(self) -> ObjectIds:
        """Return an independent generator that continues from the same state."""
        return ObjectIds(self.counter, self.newest_seconds)
