"""Reading a list in the order of ``_id``: which page comes next, and how a lost record shows. No I/O.

The danger
    The API cuts each page from the list as it is at that moment. When a record is deleted, every record after it moves
    one place towards the front. The first record of page 3 becomes the last record of page 2. A reader that has read
    page 2 but not page 3 misses it.

Two facts help
    Ids ascend in the order of creation, so new records are appended at the end. A record that exists during the whole
    read therefore moves only towards the front, and only when a record before it is deleted.

Example
    The list is 1 2 | 3 4 | 5 6 | 7 8, with two records a page. The reader gets page 1 (1 2) and page 4 (7 8). Then
    record 1 is deleted, and the list is 2 3 | 4 5 | 6 7 | 8. The reader gets page 2 (4 5) and page 3 (6 7), and misses
    record 3. Record 7 shows that: it was on the last page, and now it is on the page before.

The order of the requests
    1. Page 1.
    2. The last page. Its records are delivered at the end.
    3. Forward: page 2, page 3, and so on to the page before the last. These pages are prefetched.
    4. Back, if a page of step 3 shows that records moved: the same page again, and then the pages before it. A page
       that is read again after all pages behind it has every record that moved to it. The reader stops going back when
       the pages have shown as many moved records as there were deletions, or at page 1. Then step 3 continues.
    5. Page 1 again, if records may have moved there between steps 1 and 2. A deletion shows in the total, unless a
       record was created at the same time. That record is then on the last page, and its ObjectId has the second of
       its creation.
    6. The last page again, if records moved or the total rose, and the pages behind it, if there are any now.

Why no record is lost unseen
    A deletion after step 2 moves the first records of the last page to the page before it. That page is read after all
    other pages, so it shows each deletion: so many records of the last page, so many deletions. Without such a record
    nothing was lost.

Cost
    A list that does not change costs one request a page; a list that changes costs about two.

Lists with filters
    An edit may let an old record enter the middle of the list and push others towards the end. Going forward loses none
    of them, and step 6 reads the last page again because the total rose. If the total both fell and rose, the two kinds
    of movement cannot be separated, and the whole list is read again.

Ids that do not ascend
    If ids do not ascend as text, they prove nothing. The reader goes back to page 1 and requires as many different
    records as the API counts.

A pass that proves nothing is repeated, three passes at most. Then the read ends in an error.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Generator
from dataclasses import dataclass
from itertools import compress, islice
from operator import lt

from airflow_provider_seventime.api.listing.page import Page, PageReader, PageRequest, Record
from airflow_provider_seventime.api.listing.read_limits import MAX_PASSES, ReadLimits
from airflow_provider_seventime.seen_ids import SeenIds, may_be_created_since


def read_in_id_order(limits: ReadLimits, *, filtered: bool, pages_at_once: int = 1) -> PageReader:
    """Read a list that is sorted by ``_id``, ascending.

    :param limits: limits of the read.
    :param filtered: the list has filters, so an edit may let an old record enter its middle.
    :param pages_at_once: pages that may be requested at the same time. Above 1 their responses come in any order, so
        the way back goes that many pages further.
    :raises IncompleteReadError: no pass proved that the list is complete.
    :raises ProtocolError: a page has more records than requested.
    """
    ready: list[Record] = []
    reason = ""
    with SeenIds() as seen:
        for _ in range(MAX_PASSES):
            one_pass = _Pass(limits, seen, ready, filtered=filtered, pages_at_once=pages_at_once)
            objection = yield from one_pass.read()
            if objection is None:
                return ready
            reason = objection
    raise limits.incomplete(reason)


@dataclass(slots=True)
class _Totals:
    """Changes of the total during one pass.

    :param latest: the latest total.
    :param fell: it fell at least once.
    :param rose: it rose at least once.
    :param rose_since_last_page: it rose after the last page was read.
    :param entered: records that entered the list, less the records that they are known to have moved.
    """

    latest: int = 0
    fell: bool = False
    rose: bool = False
    rose_since_last_page: bool = False
    entered: int = 0

    def add(self, total: int) -> None:
        """Add the total of another response."""
        self.fell = self.fell or total < self.latest
        if total > self.latest:
            self.rose = self.rose_since_last_page = True
            self.entered += total - self.latest
        self.latest = total


class _Pass:
    """One pass over the list.

    :param limits: limits of the whole read.
    :param seen: ids of all records delivered, in this pass and earlier ones.
    :param ready: records to deliver before the next request.
    :param filtered: see :func:`read_in_id_order`.
    :param pages_at_once: see :func:`read_in_id_order`.
    """

    def __init__(
        self, limits: ReadLimits, seen: SeenIds, ready: list[Record], *, filtered: bool, pages_at_once: int
    ) -> None:
        self._limits = limits
        self._seen = seen
        self._ready = ready
        self._filtered = filtered
        self._pages_at_once = pages_at_once
        self._totals = _Totals()
        self._page_ends: dict[int, str] = {}  # the last id of each page, as last read
        self._last_page = 1
        self._last_ids: list[str] = []
        self._front = 1  # the highest page read on the way forward
        self._target = 1  # the page at which the way forward ends
        self._ids_ascend = True
        self._can_count_moves = True  # every page was full and in order
        self._deletions = 0  # the most deletions that one way back showed

    def read(self) -> Generator[PageRequest, Page, str | None]:
        """Read the list once. Return None if it is complete, otherwise the reason why that is not proved."""
        first = yield from self._request(1)
        self._totals = _Totals(first.total)
        self._deliver(first)
        if self._limits.pages_of(first.total) == 1:
            return self._objection()
        self._page_ends[1] = first.ids[-1]

        last = yield from self._read_last_page()
        self._totals.rose_since_last_page = False
        in_doubt = self._totals.fell or self._totals.rose
        repeated = bisect_right(last.ids, self._page_ends[1]) if self._ids_ascend else 0
        if repeated > self._totals.entered:
            if self._page_ends[1] in last.ids:
                return f"page {self._last_page} repeats records of page 1"
            self._ids_ascend = False
        in_doubt = in_doubt or not self._ids_ascend or may_be_created_since(last.ids[-1], first.server_time)

        while self._front < self._target:
            in_place = yield from self._read_forward(self._front + 1)
            if not in_place:
                reached_first_page = yield from self._read_back(self._front)
                in_doubt = in_doubt and not reached_first_page
        if in_doubt:
            first_again = yield from self._request(1)
            self._deliver(first_again)
        self._deliver(last)
        reason = yield from self._read_end()
        return reason or self._objection()

    def _read_last_page(self) -> Generator[PageRequest, Page, Page]:
        """Return the last page that has records. If only page 1 is left, return an empty page in its place."""
        while True:
            number = self._limits.pages_of(self._totals.latest)
            page = yield from self._request(number)
            if self._limits.pages_of(page.total) == 1:
                # The records that are left have moved to page 1. It is read again, because the total changed.
                page, number = Page([], page.total, page.server_time, []), 1
            if page.ids or number == 1:
                self._last_page, self._last_ids, self._target = number, page.ids, number - 1
                return page

    def _read_forward(self, number: int) -> Generator[PageRequest, Page, bool]:
        """Read the next page on the way forward. Return False if records may have moved to the pages before it."""
        ahead = range(number + 1, min(self._target, number + self._pages_at_once))
        page = yield from self._request(number, ahead)
        self._front = number
        previous_end = self._page_ends[number - 1]
        repeated = bisect_right(page.ids, previous_end)
        reaches_last_page = self._reaches_last_page(page.ids)
        # A record that moved is on both pages. If it is not, these ids do not ascend as text.
        if (repeated and previous_end not in page.ids) or (
            reaches_last_page and set(page.ids).isdisjoint(self._last_ids)
        ):
            self._ids_ascend = False
        full = self._note_page_end(number, page.ids)
        self._deliver(page)
        if not self._ids_ascend:
            return number < self._target
        # A record that an entering record pushed here from the page before is no loss.
        in_place = full and repeated <= self._totals.entered and not reaches_last_page
        self._totals.entered -= min(repeated, self._totals.entered)
        return in_place

    def _read_back(self, number: int) -> Generator[PageRequest, Page, bool]:
        """Read a page again, and the pages before it while deletions are unexplained. Return True at page 1."""
        moved = 0  # records that moved from one page to the page before it
        next_start = self._last_ids[0]
        turning_point: int | None = None  # the page at which the way back may end
        while True:
            end_before = self._page_ends.get(number)
            page = yield from self._request(number)
            full = self._note_page_end(number, page.ids)
            self._deliver(page)
            if self._ids_ascend and page.ids:
                moved += len(page.ids) - bisect_left(page.ids, next_start)
                next_start = page.ids[0]
            if turning_point is None and full and self._explains(moved, end_before, page.ids):
                # All deletions came after this page was read before. Pages read at once were read in any order.
                turning_point = number - (self._pages_at_once if self._pages_at_once > 1 else 0)
            if number == 1 or (turning_point is not None and self._may_turn(number, turning_point, page.ids)):
                self._deletions = max(self._deletions, moved)
                return number == 1
            number -= 1

    def _explains(self, moved: int, end_before: str | None, ids: list[str]) -> bool:
        """Return True if as many records moved to a page since it was read before as moved in all.

        Deletions are counted before the first record of the last page; a page that reached further counts others too.
        """
        if not self._can_count_moves or end_before is None or end_before >= self._last_ids[0]:
            return False
        return len(ids) - bisect_right(ids, end_before) >= moved

    def _may_turn(self, number: int, turning_point: int, ids: list[str]) -> bool:
        """Return True if the way back may end at a page: it does not repeat records of the page before it."""
        return number <= turning_point and bool(ids) and ids[0] > self._page_ends[number - 1]

    def _read_end(self) -> Generator[PageRequest, Page, str | None]:
        """Read the last page again, or the pages behind it, where that is needed. Return a reason as :meth:`read`."""
        if self._deletions or self._totals.rose_since_last_page:
            number = min(self._target + 1, self._last_page)
        elif self._totals.latest > self._last_page * self._limits.page_size:
            number = self._last_page + 1
        else:
            return None
        while True:
            page = yield from self._request(number)
            self._deliver(page)
            if number == self._last_page and self._deletions:
                # Real deletions move as many records from this page to the pages before it.
                left = bisect_left(self._last_ids, page.ids[0]) if page.ids else len(self._last_ids)
                if left < min(self._deletions, len(self._last_ids)):
                    return f"{self._deletions} records moved to other pages but {left} left page {number}"
            if number * self._limits.page_size >= page.total:
                return None
            number += 1

    def _objection(self) -> str | None:
        """Return the reason why the finished pass does not prove that the list is complete, or None."""
        found, total = len(self._seen), self._totals.latest
        if self._filtered and self._totals.fell and self._totals.rose:
            return "records left the list while others entered it"
        if (self._deletions or not self._ids_ascend) and found < total:
            return f"{found} different records were read and the API counts {total}"
        return None

    def _request(self, number: int, ahead: range = range(0)) -> Generator[PageRequest, Page, Page]:
        page = yield from self._limits.request(number, self._ready, ahead)
        self._ids_ascend = self._ids_ascend and all(map(lt, page.ids, islice(page.ids, 1, None)))
        self._totals.add(page.total)
        return page

    def _deliver(self, page: Page) -> None:
        """Make the records ready that have not been delivered before."""
        self._ready += compress(page.records, self._seen.add_all(page.ids))

    def _reaches_last_page(self, ids: list[str]) -> bool:
        """Return True if a page before the last reaches as far as the last page did: all between has moved."""
        return self._ids_ascend and bool(ids) and ids[-1] >= self._last_ids[0]

    def _note_page_end(self, number: int, ids: list[str]) -> bool:
        """Note the last id of a page and return True if the page is full."""
        full = len(ids) == self._limits.page_size
        reaches_last_page = self._reaches_last_page(ids)
        # If more records moved than a page has, the page shows only the last of them.
        is_countable = not reaches_last_page or number == self._last_page - 1
        self._can_count_moves = self._can_count_moves and full and self._ids_ascend and is_countable
        if ids:
            self._page_ends[number] = ids[-1]
        if number == self._front:
            self._target = number if not full or reaches_last_page else self._last_page - 1
        return full
