"""Read of a window in the past without the records after it, where counts prove that no record is left out.

The API has a filter for the earliest start of a time log, and none for the latest. Its filter by the end leaves out
every record that starts in the window and ends long after it, and every record without an end. Four counts show how
many records those are. Each count uses the same two instants, so it does not matter how the API reads an instant: to
the minute or to the second, inclusive or exclusive, in this time zone or another.

The counts are not taken at one moment. So the list is read between two sets of counts. Either both sets agree, or the
second agrees with a third. A record is lost all the same if

* it has not ended when the read begins, the deletion of another record in the second of the first counts hides it, and
  before the last counts it ends, or a second such deletion hides it; or
* an edit takes it out of the filter by the end during the read, and another edit brings it back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.seen_ids import SeenIds
from airflow_provider_seventime.transfers.reading.list_reader import ListReader, ReadRecord
from airflow_provider_seventime.transfers.reading.plan import WINDOW_MARGIN, Plan, add_within_calendar

if TYPE_CHECKING:
    from airflow_provider_seventime.api.listing.list_query import ListQuery

logger = logging.getLogger(__name__)

_Lists = Mapping[str, Mapping[str, Any]]

# Records that end so long after the window are read with it: a night's work, not a timer that someone forgot to stop.
MAX_OVERRUN = timedelta(days=1)
# Requests that the counts cost: reading them must save at least as many pages of later records.
COUNT_REQUESTS = 8


@dataclass(frozen=True, slots=True)
class WindowCounts:
    """Lengths of four lists.

    :param after: records that start at the end of the window or later.
    :param ended_after: those of ``after`` that pass the filter by the end.
    :param ended: records that start at the start of the window or later and pass the filter by the end.
    :param all: records that start at the start of the window or later.
    """

    after: int
    ended_after: int
    ended: int
    all: int

    @property
    def left_out(self) -> int:
        """Records that start in the window and do not pass the filter by the end."""
        return (self.all - self.after) - (self.ended - self.ended_after)


def read_old_window(reader: ListReader, plan: Plan, page_size: int) -> Iterator[ReadRecord]:
    """Yield the records of a window, each once.

    :param reader: of the collection.
    :param plan: a window of a collection that has a filter by the record's end.
    :param page_size: records a request.
    :raises IncompleteReadError: the list could not be shown to be complete.
    """
    lists = _lists_of(plan)
    with SeenIds() as yielded:
        after = reader.count(plan.query, lists["after"])
        if after > COUNT_REQUESTS * page_size:
            before = _count(reader, plan.query, lists, after)
            if before.left_out == 0:
                for record in reader.read(plan.query, lists["ended"], plan=plan):
                    yielded.add(record.fields["_id"])
                    yield record
                if _nothing_left_out_since(before, reader, plan.query, lists):
                    return
            logger.info(
                "%s: the window is read up to the present, because records of it end long after it, have no end, or "
                "changed during the read",
                plan.collection.name,
            )
        for record in reader.read(plan.query, lists["all"], plan=plan):
            if record.fields["_id"] not in yielded:
                yield record


def _lists_of(plan: Plan) -> _Lists:
    """Return the filters of each list of :class:`WindowCounts`, beside those of the user."""
    window, last = plan.collection.window, plan.end
    if window is None or window.ends_filter is None or last is None:
        raise ValueError(f"{plan.collection.name} has no window with an end")
    border = add_within_calendar(last, WINDOW_MARGIN)
    start = plan.period_filters
    after = {**start, window.from_filter: border}
    ended = {window.ends_filter: add_within_calendar(border, MAX_OVERRUN)}
    return {"after": after, "ended_after": after | ended, "ended": {**start, **ended}, "all": start}


def _count(reader: ListReader, query: ListQuery, lists: _Lists, after: int | None = None) -> WindowCounts:
    # Most changes between two counts are new records of today. If only the last count has such a record, it seems to be
    # left out, which costs a longer read. If only the first count had it, it would hide one that is left out.
    if after is None:
        after = reader.count(query, lists["after"])
    return WindowCounts(after, *(reader.count(query, lists[one]) for one in ("ended_after", "ended", "all")))


def _nothing_left_out_since(
    before: WindowCounts, reader: ListReader, query: ListQuery, lists: Mapping[str, Mapping[str, Any]]
) -> bool:
    after = _count(reader, query, lists)
    return after.left_out == 0 and (after == before or after == _count(reader, query, lists))
