"""A whole list, or an error: every record once, though the list may change while it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from airflow_provider_seventime.api.answers import id_of
from airflow_provider_seventime.exceptions import IncompleteReadError

PASSES = 3
SPARE_REQUESTS = 10


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list.

    :param records: its records.
    :param total: how many the list has in all, as the API counted at that moment.
    """

    records: list[dict[str, Any]]
    total: int


@dataclass(slots=True)
class ListView:
    """What is known of a list that is read page by page, and which page to ask for next.

    When the total moves, records may have slipped between the pages already read. The view then goes back, page by
    page, until one still holds what it held, and forward again from there. The list is whole when the latest contents
    of all pages together hold as many different records as the API counts.

    :param where: what is read, for the errors.
    :param page_size: records asked for per page.
    """

    where: str
    page_size: int
    next_page: int = 1
    whole: bool = False
    _total: int | None = None
    _pages: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _going_back: bool = False
    _requests: int = 0
    _most_requests: int = 0
    _passes: int = 1

    def take(self, page: Page) -> list[dict[str, Any]]:
        """Take the page that was asked for; return the records that had not been seen before."""
        number = self.next_page
        ids = tuple(id_of(record, self.where) for record in page.records)
        moved = self._total is not None and page.total != self._total
        unchanged = self._pages.get(number) == ids
        self._pages[number] = ids
        self._total = page.total
        self._requests += 1
        # By the first total: a list may grow as fast as it is read.
        self._most_requests = self._most_requests or PASSES * self._last_page() + SPARE_REQUESTS
        fresh = [record for record, one in zip(page.records, ids, strict=True) if self._is_new(one)]
        self._choose_next(number, moved=moved, unchanged=unchanged)
        return fresh

    def _is_new(self, record_id: str) -> bool:
        if record_id in self._seen:
            return False
        self._seen.add(record_id)
        return True

    def _choose_next(self, number: int, *, moved: bool, unchanged: bool) -> None:
        turned = self._going_back and unchanged and not moved
        self._going_back = number > 1 and not turned and (moved or self._going_back)
        if self._going_back:
            self.next_page = number - 1
        elif number < self._last_page():
            self.next_page = number + 1
        else:
            self._finish()
        if not self.whole and self._requests >= self._most_requests:
            raise self._incomplete("it did not hold still")

    def _last_page(self) -> int:
        return max(1, -(-(self._total or 0) // self.page_size))

    def _finish(self) -> None:
        latest = (ids for number, ids in self._pages.items() if number <= self._last_page())
        found = len(set(chain.from_iterable(latest)))
        if found == self._total:
            self.whole = True
            return
        if self._passes == PASSES:
            raise self._incomplete(f"{found} different records were read, the API counts {self._total}")
        self._passes += 1
        self.next_page = 1

    def _incomplete(self, why: str) -> IncompleteReadError:
        return IncompleteReadError(
            f"{self.where} could not be read whole in {self._requests} requests: {why}. Nothing may be concluded from "
            "what was read; try again when fewer records are being changed, or narrow the filters"
        )


def read_whole(where: str, page_size: int, fetch: Callable[[int], Page]) -> Iterator[dict[str, Any]]:
    """Yield every record of a list once.

    :param where: what is read, for the errors.
    :param page_size: records asked for per page.
    :param fetch: returns the page of a number, from 1.
    :raises IncompleteReadError: the list could not be shown to be whole; what was yielded before may lack records.
    :raises ProtocolError: a record has no ``_id``.
    """
    view = ListView(where, page_size)
    while not view.whole:
        yield from view.take(fetch(view.next_page))
