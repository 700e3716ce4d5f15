"""A list in the order of ``_id``: in which order its pages are asked for, and what shows that no record was lost.

Ids ascend as records are made, so what is made while a list is read comes at its end, and a record that is there all
the time only ever moves towards the front, by what is deleted before it. It is lost where it moves from a page that is
yet to be asked for to one that was. The pages are therefore asked for in this order: the first, the last, then the
second and so on to the last but one.

* A deletion before the last page, made after it was read, moves that page's first records to the page before. That one
  is read at the end and shows them: so many records too far on are so many deletions. No sign, no loss.
* A page that is read again after all pages behind it holds whatever moved to it meanwhile. So the remedy is to go
  back, page by page, until as many deletions are accounted for as were seen, or to the first page.
* Between the first request and the second there is no such sign, unless the total moved. But what keeps the total
  must have been made in that time, and is the newest on the last page; an ObjectId begins with the second of its
  making. Where that second leaves a doubt, the first page is read again.

So a list that holds still costs one request per page, and a restless one about two. None of this needs the total.

Where a list has filters, an edit may also bring an old record into its middle and push others towards the end. The way
forward loses none of these, and the last page is read again when the total grew. Where the total both fell and rose the
two cannot be told apart, and the list is read anew. Should ids not ascend as text, they show nothing: all the way back
is gone, and as many different records must be found as the API counts.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from itertools import compress, pairwise

from airflow_provider_seventime.api.listing.page import PASSES, Bounds, Page, Record
from airflow_provider_seventime.api.listing.passes import Pass
from airflow_provider_seventime.seen_ids import SeenIds, may_be_created_since


class IdOrderView:
    """What is known of a list in the order of ``_id``, and which page to ask for next.

    Only the way forward (the second page to the last but two) may be asked for several pages at a time; the last but
    one must come after all of them, and on the way back each page after the one above it.

    :param where: what is read, for the errors.
    :param page_size: records asked for per page.
    :param filtered: the list has filters, so that an edit may bring an old record into its middle.
    :param together: how many pages may be under way at the same time; 1: each is asked for when the one before it is
        here. With more, the way back goes as many pages further than its signs say.
    """

    def __init__(self, where: str, page_size: int, *, filtered: bool, together: int = 1) -> None:
        self.next_page = 1
        self.whole = False
        self._filtered = filtered
        self._together = together
        self._bounds = Bounds(where, page_size)
        self._seen = SeenIds()
        self._passes = 1
        self._now = Pass()
        self._step: Callable[[Page, list[str]], list[Record]] = self._take_first

    @property
    def ahead(self) -> range:
        """The pages that may be asked for together with the next one: on the way forward, all but its last."""
        forward = self._step == self._take_forward
        end = min(self._now.target, self.next_page + self._together)
        return range(self.next_page + 1, end) if forward else range(0)

    def close(self) -> None:
        """Let go of what is remembered of the list."""
        self._seen.close()

    def take(self, page: Page) -> list[Record]:
        """Take the page that was asked for; return the records to deliver now.

        :raises IncompleteReadError: the list cannot be shown to be whole.
        :raises ProtocolError: the answer is no page of this list.
        """
        ids = self._bounds.ids_of(page)
        if not self._bounds.admit(self.next_page, page):
            return []
        now = self._now
        now.ordered = now.ordered and all(one < other for one, other in pairwise(ids))
        now.note(page.total)
        records = self._step(page, ids)
        if not self.whole:
            self._bounds.spend()
        return records

    def _take_first(self, page: Page, ids: list[str]) -> list[Record]:
        now = self._now
        now.start(page)
        if ids:
            now.ends[1] = ids[-1]
        fresh = self._fresh(page.records, ids)
        if self._bounds.pages_of(page.total) == 1:
            return fresh + self._finish()
        self._ask_for_last(page.total)
        return fresh

    def _ask_for_last(self, total: int) -> None:
        self._ask(self._bounds.pages_of(total), self._take_last)

    def _take_last(self, page: Page, ids: list[str]) -> list[Record]:
        now = self._now
        now.in_doubt = now.in_doubt or page.total != now.first_total
        if self._bounds.pages_of(page.total) == 1:
            # What is left moved to the first page, if it was not there before.
            self._ask(1, self._take_first_again)
            return []
        if not ids:
            self._ask_for_last(page.total)
            return []
        now.grew = False
        now.last_page, now.last_ids, now.held = self.next_page, ids, page.records
        now.target = self.next_page - 1
        twice = bisect_right(ids, now.ends[1]) if now.ordered else 0
        if twice > now.arrived:
            if now.ends[1] in ids:
                return self._begin_again(f"page {now.last_page} held records of page 1")
            now.ordered = False
        now.in_doubt = now.in_doubt or not now.ordered or may_be_created_since(ids[-1], now.first_at)
        return self._go_on()

    def _take_forward(self, page: Page, ids: list[str]) -> list[Record]:
        now = self._now
        number = now.front = self.next_page
        below = now.ends[number - 1]
        twice = bisect_right(ids, below)
        # What moved stands on both pages. Where nothing does, these ids do not ascend as text.
        if (twice and below not in ids) or (now.reached(ids) and set(ids).isdisjoint(now.last_ids)):
            now.ordered = False
        in_place = self._note_end(number, ids)
        fresh = self._fresh(page.records, ids)
        if now.ordered:
            # What moved here from the page below is no loss where as many records came to the list.
            in_place = in_place and twice <= now.arrived and not now.reached(ids)
            now.arrived -= min(twice, now.arrived)
        else:
            in_place = number < now.target
        if in_place:
            return fresh + self._go_on()
        now.moves, now.back_to, now.above = 0, 0, now.last_ids[0]
        # Back from the page just read: its answer may be the one that was out of line.
        self._ask(number, self._take_back)
        return fresh

    def _take_back(self, page: Page, ids: list[str]) -> list[Record]:
        now = self._now
        number = self.next_page
        before = now.ends.get(number)
        full = self._note_end(number, ids)
        fresh = self._fresh(page.records, ids)
        if now.ordered and ids:
            now.moves += len(ids) - bisect_left(ids, now.above)
            now.above = ids[0]
        if number > 1 and not self._is_back(number, ids, before if full else None):
            self._ask(number - 1, self._take_back)
            return fresh
        now.in_doubt = now.in_doubt and number > 1
        now.claimed = max(now.claimed, now.moves)
        return fresh + self._go_on()

    def _is_back(self, number: int, ids: list[str], before: str | None) -> bool:
        """Tell whether the way back ends with this page.

        :param before: with which id it ended when it was read before; None: that tells nothing.
        """
        now = self._now
        # Deletions are counted before the last page's first record: a page that went beyond it counts others too.
        if now.countable and before is not None and before < now.last_ids[0]:
            came_later = len(ids) - bisect_right(ids, before)
            if not now.back_to and came_later >= now.moves:
                # All came after this page was read before. Pages under way together were read in any order.
                now.back_to = number - (self._together if self._together > 1 else 0)
        return number <= now.back_to and bool(ids) and ids[0] > now.ends[number - 1]

    def _go_on(self) -> list[Record]:
        """Ask for the next page on the way forward or, at its end, for what is still in doubt."""
        now = self._now
        if now.front < now.target:
            self._ask(now.front + 1, self._take_forward)
            return []
        if now.in_doubt:
            self._ask(1, self._take_first_again)
            return []
        return self._wind_up()

    def _take_first_again(self, page: Page, ids: list[str]) -> list[Record]:
        self._now.in_doubt = False
        return self._fresh(page.records, ids) + self._wind_up()

    def _wind_up(self) -> list[Record]:
        now = self._now
        last, now.held = self._fresh(now.held, now.last_ids), []
        if now.claimed or now.grew:
            self._ask(min(now.target + 1, now.last_page), self._take_end)
        elif now.total > now.last_page * self._bounds.page_size:
            self._ask(now.last_page + 1, self._take_end)
        else:
            return last + self._finish()
        return last

    def _take_end(self, page: Page, ids: list[str]) -> list[Record]:
        now = self._now
        number = self.next_page
        fresh = self._fresh(page.records, ids)
        if number == now.last_page and now.claimed:
            # Had they really been deleted, this page would have lost as many to the pages before it.
            gone = bisect_left(now.last_ids, ids[0]) if ids else len(now.last_ids)
            if gone < min(now.claimed, len(now.last_ids)):
                return fresh + self._begin_again(
                    f"{now.claimed} records moved to other pages, {gone} left page {number}"
                )
        if number * self._bounds.page_size < page.total:
            self._ask(number + 1, self._take_end)
            return fresh
        return fresh + self._finish()

    def _finish(self) -> list[Record]:
        now = self._now
        if self._filtered and now.fell and now.rose:
            return self._begin_again("records left the list while others came into it")
        if (now.claimed or not now.ordered) and len(self._seen) < now.total:
            return self._begin_again(f"{len(self._seen)} different records were read, the API counts {now.total}")
        self.whole = True
        return []

    def _begin_again(self, why: str) -> list[Record]:
        if self._passes == PASSES:
            raise self._bounds.incomplete(why)
        self._passes += 1
        self._now = Pass()
        self._ask(1, self._take_first)
        return []

    def _ask(self, number: int, step: Callable[[Page, list[str]], list[Record]]) -> None:
        self.next_page, self._step = number, step

    def _note_end(self, number: int, ids: list[str]) -> bool:
        """Note with which id a page ends; return whether it is full."""
        now = self._now
        full = len(ids) == self._bounds.page_size
        reached = now.reached(ids)
        # Where more than a page of records moved, the page shows only the last of them.
        now.countable = now.countable and full and now.ordered and (not reached or number == now.last_page - 1)
        if ids:
            now.ends[number] = ids[-1]
        if number == now.front:
            now.target = number if not full or reached else now.last_page - 1
        return full

    def _fresh(self, records: list[Record], ids: list[str]) -> list[Record]:
        return list(compress(records, self._seen.add_all(ids)))
