"""The last changes of a collection, so that a read can see it as it was."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

KEPT = 5000


class Change(NamedTuple):
    """One change of one record.

    :param at: the sandbox's instant of it.
    :param record_id: which record.
    :param before: the record as it was; None: there was none.
    :param place: where it stands in the order of making.
    """

    at: datetime
    record_id: str
    before: Mapping[str, Any] | None
    place: int


class History:
    """The last changes of a collection; what happened before them is beyond recall."""

    def __init__(self) -> None:
        self._changes: deque[Change] = deque(maxlen=KEPT)

    def note(self, change: Change) -> None:
        """Add a change."""
        self._changes.append(change)

    def undone(
        self, held: Mapping[str, dict[str, Any]], places: Mapping[str, int], now: datetime, lag: timedelta
    ) -> list[dict[str, Any]]:
        """Return the records of a collection as they were, in the order of making.

        :param held: the records by id, as they are.
        :param places: where each of them stands in the order of making.
        :param now: the sandbox's instant.
        :param lag: how long ago; a change of that very instant counts as made.
        """
        then: dict[str, Any] = dict(held)
        places = dict(places)
        for change in reversed(self._changes):
            if now - change.at >= lag:
                continue  # not the end: a payment is put down at the instant it was due, which may be long past
            places[change.record_id] = change.place
            if change.before is None:
                then.pop(change.record_id, None)
            else:
                then[change.record_id] = change.before
        return [then[record_id] for record_id in sorted(then, key=places.__getitem__)]
