"""A list that changes between two requests, and reads of it that check the promises of the reader."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from hypothesis import strategies as st

from airflow_provider_seventime.api.listing.complete_read import read_list
from airflow_provider_seventime.api.listing.page import Page
from airflow_provider_seventime.api.listing.read_limits import MAX_PASSES, SPARE_REQUESTS
from airflow_provider_seventime.exceptions import IncompleteReadError

NOON = 1_790_000_000
DAY_SECONDS = 86_400
ROOM = 64  # ids left free before each, for records that come into the middle of a list


def object_id(second: int, number: int) -> str:
    return f"{second:08x}c0ffee5eed{number:06x}"


def text_id(second: int, number: int) -> str:
    return f"{number:06d}"


def plain_id(second: int, number: int) -> str:
    """Make an id that ascends as a number, and not as text."""
    return f"{number}"


def page_of(records: list[dict[str, Any]], total: int, server_time: datetime | None = None) -> Page:
    return Page(records, total, server_time, [record["_id"] for record in records])


class Change(NamedTuple):
    """One change to a list.

    :param kind: ``append`` makes a record; ``arrive`` lets an old one into the list, as an edit may where there are
        filters; ``remove`` and ``edit`` concern the record at a place; ``wait`` lets time pass.
    :param value: place from 0, or seconds.
    """

    kind: Literal["append", "arrive", "remove", "edit", "wait"]
    value: int = 0


@dataclass
class ChangingList:
    """A list in the order of ``_id`` that is changed before its requests.

    :param count: records at first, made a day before the read.
    :param page_size: records a page.
    :param changes: number of the request, from 0, to what changes before it.
    :param make_id: makes an id of a second and a number that counts up.
    :param dated: answers carry their time.
    :param shifts: number of the request, from 0, to how many records too far on its page is cut.
    """

    count: int
    page_size: int
    changes: Mapping[int, Sequence[Change]] = field(default_factory=dict)
    make_id: Callable[[int, int], str] = object_id
    dated: bool = True
    shifts: Mapping[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.second = NOON - DAY_SECONDS
        self.number = 0
        self.made: dict[str, tuple[int, int]] = {}
        self.versions: dict[str, int] = {}
        self.ids: list[str] = []
        self.asked: list[int] = []
        for _ in range(self.count):
            self.append()
        self.second = NOON
        self.always = set(self.ids)

    def append(self) -> None:
        self.number += ROOM
        self._add(self.second, self.number)

    def arrive(self, place: int) -> None:
        if self.ids:
            second, number = self.made[self.ids[min(place, len(self.ids) - 1)]]
            while self.make_id(second, number) in self.made:
                number -= 1
            self._add(second, number)
            self.ids.sort(key=self.made.__getitem__)

    def _add(self, second: int, number: int) -> None:
        new = self.make_id(second, number)
        self.made[new] = second, number
        self.versions[new] = 0
        self.ids.append(new)

    def change(self, change: Change) -> None:
        if change.kind == "append":
            self.append()
        elif change.kind == "wait":
            self.second += change.value
        elif change.kind == "arrive":
            self.arrive(change.value)
        elif self.ids:
            place = min(change.value, len(self.ids) - 1)
            if change.kind == "edit":
                self.versions[self.ids[place]] += 1
            else:
                self.always.discard(self.ids.pop(place))

    def fetch(self, number: int) -> Page:
        request = len(self.asked)
        for change in self.changes.get(request, ()):
            self.change(change)
        self.second += 1
        self.asked.append(number)
        begin = max((number - 1) * self.page_size + self.shifts.get(request, 0), 0)
        records = [{"_id": one, "version": self.versions[one]} for one in self.ids[begin : begin + self.page_size]]
        return page_of(records, len(self.ids), datetime.fromtimestamp(self.second, UTC) if self.dated else None)

    @property
    def pages(self) -> int:
        """Pages that the list had at first."""
        return max(1, -(-self.count // self.page_size))


@dataclass
class Outcome:
    """Result of a read.

    :param got: records in the order of their delivery.
    :param whole: no error ended it.
    :param in_one_go: number of records delivered before a page was requested again.
    """

    got: list[dict[str, Any]]
    whole: bool
    in_one_go: int

    @property
    def ids(self) -> list[str]:
        return [record["_id"] for record in self.got]


@dataclass
class Prefetcher:
    """Prefetched pages of a list, whose responses come in a random order, some as late as possible.

    :param server: the list.
    :param order: decides the order of the responses.
    """

    server: ChangingList
    order: random.Random
    under_way: dict[int, Page | None] = field(default_factory=dict)
    taken_totals: set[int] = field(default_factory=set)
    dropped_totals: set[int] = field(default_factory=set)

    @property
    def unseen(self) -> bool:
        """True if only cancelled responses had one of the totals."""
        return bool(self.dropped_totals - self.taken_totals)

    def prefetch(self, numbers: Sequence[int]) -> None:
        if numbers[0] not in self.under_way:
            self.dropped_totals.update(page.total for page in self.under_way.values() if page is not None)
            self.under_way.clear()
        for number in numbers:
            self.under_way.setdefault(number, None)
        tried_again = [number for number, page in self.under_way.items() if page is None]
        for number in self.order.sample(tried_again, self.order.randint(0, len(tried_again))):
            self.under_way[number] = self.server.fetch(number)

    def fetch(self, number: int) -> Page:
        page = self.under_way.pop(number, None) or self.server.fetch(number)
        self.taken_totals.add(page.total)
        return page


def read_together(server: ChangingList, order: random.Random, *, filtered: bool = False) -> Outcome:
    """Read a list to its end with prefetched pages, and check the promises.

    With filters, nothing is promised about changes between the same two responses of those that are used.
    """
    prefetcher = Prefetcher(server, order)
    outcome = Outcome([], whole=True, in_one_go=0)
    try:
        outcome.got.extend(
            read_list("GET x", server.page_size, prefetcher.fetch, filtered=filtered, prefetch=prefetcher.prefetch)
        )
    except IncompleteReadError:
        outcome.whole = False
    _check(server, outcome, filtered=filtered, whole=outcome.whole and not (filtered and prefetcher.unseen))
    return outcome


def read(server: ChangingList, *, filtered: bool = False) -> Outcome:
    """Read a list to its end, and check the promises of every read."""
    outcome = Outcome([], whole=True, in_one_go=0)
    try:
        for record in read_list("GET x", server.page_size, server.fetch, filtered=filtered):
            outcome.got.append(record)
            if len(set(server.asked)) == len(server.asked):
                outcome.in_one_go += 1
    except IncompleteReadError:
        outcome.whole = False
    _check(server, outcome, filtered=filtered, whole=outcome.whole)
    assert len(server.asked) <= MAX_PASSES * server.pages + SPARE_REQUESTS, "asked without end"
    return outcome


def _check(server: ChangingList, outcome: Outcome, *, filtered: bool, whole: bool) -> None:
    ids = outcome.ids
    assert len(set(ids)) == len(ids), "a record was delivered twice"
    assert all(record["version"] <= server.versions[record["_id"]] for record in outcome.got), "it never was so"
    if not server.shifts and not filtered:
        at_once = ids[: outcome.in_one_go]
        assert at_once == sorted(at_once, key=server.made.__getitem__), "out of order"
    if whole:
        assert server.always <= set(ids), "records were lost without an error"


sizes = st.integers(1, 4)
counts = st.integers(0, 24)
# Around the first and the last record of a page of four, and anywhere.
places = st.builds(lambda page, offset: max(4 * page + offset, 0), st.integers(0, 4), st.integers(-2, 1)) | counts
appended = st.just(Change("append"))
arrived = st.builds(Change, st.just("arrive"), places)
removed = st.builds(Change, st.just("remove"), places)
edited = st.builds(Change, st.just("edit"), places)
waited = st.builds(Change, st.just("wait"), st.sampled_from([30, 61, 600]))


def between_requests(
    *gaps: st.SearchStrategy[Sequence[Change]], last: int = 20
) -> st.SearchStrategy[dict[int, Sequence[Change]]]:
    """Return what changes before some of the requests, never the first; each gap is of one of the kinds given."""
    return st.dictionaries(st.integers(1, last), st.one_of(*gaps), max_size=6)
