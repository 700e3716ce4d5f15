"""Ids like MongoDB's: seconds, maker, counter; 24 hexadecimal digits that ascend as records are made."""

from __future__ import annotations

from datetime import datetime

MAKER = "c0ffee5eed"  # marks an id as the sandbox's; the same in every sandbox, so that ids are reproducible


class ObjectIds:
    """Maker of ids.

    Within one collection ids ascend even when the clock is set back: none is older than the one before it.

    :param counter: number of ids made before.
    :param newest_seconds: per collection, the time of its newest id.
    """

    def __init__(self, counter: int = 0, newest_seconds: dict[str, int] | None = None) -> None:
        self.counter = counter
        self.newest_seconds = dict(newest_seconds or {})

    def make(self, collection: str, now: datetime) -> str:
        """Return the next id of a collection."""
        return self.make_at(collection, int(now.timestamp()))

    def make_at(self, collection: str, seconds: int) -> str:
        """Return the next id of a collection.

        :param seconds: when the record was made, in seconds since 1970.
        """
        seconds = max(seconds, self.newest_seconds.get(collection, 0))
        self.newest_seconds[collection] = seconds
        self.counter += 1
        return f"{seconds:08x}{MAKER}{self.counter:06x}"

    def copy(self) -> ObjectIds:
        """Return a maker that goes on from here by itself."""
        return ObjectIds(self.counter, self.newest_seconds)
