"""History of a collection: its last changes, so that a read can return the records as they were."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

MAX_ENTRIES = 5000


class HistoryEntry(NamedTuple):
    """One change of one record.

    :param at: time of the change on the sandbox's clock.
    :param record_id: id of the record.
    :param before: the record before the change; None: the change created it.
    :param position: position of the record in the order of creation.
    """

    at: datetime
    record_id: str
    before: Mapping[str, Any] | None
    position: int


class History:
    """The last 5,000 changes of a collection. Older changes cannot be undone."""

    def __init__(self) -> None:
        self._entries: deque[HistoryEntry] = deque(maxlen=MAX_ENTRIES)

    def add(self, entry: HistoryEntry) -> None:
        """Add a change."""
        self._entries.append(entry)

    def records_before(
        self, current: Mapping[str, dict[str, Any]], positions: Mapping[str, int], now: datetime, lag: timedelta
    ) -> list[dict[str, Any]]:
        """Return the records of a collection as they were, in the order of creation.

        :param current: the records by id, as they are now.
        :param positions: position of each record in the order of creation.
        :param now: time on the sandbox's clock.
        :param lag: age of the wanted state. A change that is exactly this old is part of it.
        """
        earlier: dict[str, Any] = dict(current)
        positions = dict(positions)
        for entry in reversed(self._entries):
            if now - entry.at >= lag:
                continue  # not break: a payment is recorded at the time it was due, so entries are not sorted by time
            positions[entry.record_id] = entry.position
            if entry.before is None:
                earlier.pop(entry.record_id, None)
            else:
                earlier[entry.record_id] = entry.before
        return [earlier[record_id] for record_id in sorted(earlier, key=positions.__getitem__)]
