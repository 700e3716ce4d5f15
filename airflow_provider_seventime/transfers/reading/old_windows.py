"""A window of long ago, read without all that came after it, where counts show that this leaves nothing out.

The API has a filter for the first instant at which a time log may begin, and none for the last. Its filter by the end
leaves out what begins in the window and goes on for long after it, and what has no end. How many those are is told by
four counts, each with the same two borders, so that it does not matter how the API reads a border: to the minute or to
the second, with or without it, in this time zone or another.

Counts are not of one moment, so the list is read between two takes of them that must agree, or the second must agree
with a third. What is lost in spite of that is a record that

* goes on beyond the border when the read begins, which is not seen because in the very second of the first take another
  record is deleted, and that is ended before the last take, or hidden by a second such deletion; or that
* an edit takes out of the filter by the end while it is read, and another edit brings back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.transfers.reading.plan import WINDOW_MARGIN, Plan, moved

if TYPE_CHECKING:  # the client is loaded when work begins, not when a DAG is parsed
    from airflow_provider_seventime.api.client import SevenTimeClient

logger = logging.getLogger(__name__)

# What goes on for that long after the window is read with it: a night's work, not a timer that was forgotten.
LONGEST = timedelta(days=1)
# What narrowing costs, in requests: so many pages of later records it must save.
REQUESTS = 8


@dataclass(frozen=True, slots=True)
class Take:
    """How many records each of four lists has.

    :param beyond: that begin at the border or after it.
    :param ended_beyond: of these, those that the filter by the end lets through.
    :param ended: that begin at the window's start or after it and that the filter by the end lets through.
    :param all: that begin at the window's start or after it.
    """

    beyond: int
    ended_beyond: int
    ended: int
    all: int

    @property
    def left_out(self) -> int:
        """How many begin before the border and do not pass the filter by the end."""
        return (self.all - self.beyond) - (self.ended - self.ended_beyond)


def read_old_window(client: SevenTimeClient, plan: Plan) -> Iterator[dict[str, Any]]:
    """Yield the records of a window, each once, and some around it.

    :param client: to read from.
    :param plan: a window of a collection that has a filter by the record's end.
    :raises IncompleteReadError: the list could not be shown to be whole.
    """
    name = plan.resource.name
    lists = _lists_of(plan)
    read: set[str] = set()
    beyond = client.count(name, lists["beyond"])
    if beyond > REQUESTS * client.settings.page_size:
        before = _take(client, name, lists, beyond)
        if before.left_out == 0:
            for record in client.list(name, lists["ended"]):
                read.add(record["_id"])
                yield record
            if _nothing_left_out_since(before, client, name, lists):
                return
        logger.info(
            "%s: the window is read to the present: records of it end long after it, have no end, or changed meanwhile",
            name,
        )
    for record in client.list(name, plan.query):
        if record["_id"] not in read:
            yield record


def _lists_of(plan: Plan) -> Mapping[str, Mapping[str, Any]]:
    """Return the filters of each list that a take counts."""
    window, last = plan.resource.window, plan.end
    if window is None or window.ends_filter is None or last is None:
        raise ValueError(f"{plan.resource.name} has no window with an end")
    border = moved(last, WINDOW_MARGIN)
    beyond = {**plan.query, window.from_filter: border}
    ended = {window.ends_filter: moved(border, LONGEST)}
    return {"beyond": beyond, "ended_beyond": beyond | ended, "ended": {**plan.query, **ended}, "all": plan.query}


def _take(
    client: SevenTimeClient, name: str, lists: Mapping[str, Mapping[str, Any]], beyond: int | None = None
) -> Take:
    # Most that happens meanwhile is a new record of today. Counted by the last of these alone, it seems to be left out,
    # which costs a longer read; counted by the first alone, it would hide one that is.
    if beyond is None:
        beyond = client.count(name, lists["beyond"])
    return Take(beyond, *(client.count(name, lists[one]) for one in ("ended_beyond", "ended", "all")))


def _nothing_left_out_since(
    before: Take, client: SevenTimeClient, name: str, lists: Mapping[str, Mapping[str, Any]]
) -> bool:
    after = _take(client, name, lists)
    return after.left_out == 0 and (after == before or after == _take(client, name, lists))
