"""A list in an order of the caller's choice, page after page: as whole as its totals can show."""

from __future__ import annotations

from itertools import chain, compress

from airflow_provider_seventime.api.listing.page import PASSES, Bounds, Page, Record
from airflow_provider_seventime.seen_ids import PackedId, SeenIds, pack_id


class AnyOrderView:
    """What is known of a list that is read as 1, 2, 3 ..., and which page to ask for next.

    When the total moves, records may have slipped between the pages already read. The view then goes back, page by
    page, until one still holds what it held, and forward again from there. The list counts as whole when the latest
    contents of all pages together hold as many different records as the API counts. In an order other than that of
    making, an edit moves a record without moving the total: that cannot be seen.

    :param where: what is read, for the errors.
    :param page_size: records asked for per page.
    """

    def __init__(self, where: str, page_size: int) -> None:
        self.next_page = 1
        self.whole = False
        self._bounds = Bounds(where, page_size)
        self._seen = SeenIds()
        self._pages: dict[int, tuple[PackedId, ...]] = {}
        self._total: int | None = None
        self._going_back = False
        self._passes = 1

    @property
    def ahead(self) -> range:
        """The pages that may be asked for together with the next one: none, each hangs on the one before."""
        return range(0)

    def close(self) -> None:
        """Let go of what is remembered of the list."""
        self._seen.close()

    def take(self, page: Page) -> list[Record]:
        """Take the page that was asked for; return the records that had not been seen before."""
        number = self.next_page
        ids = self._bounds.ids_of(page)
        keys = tuple(map(pack_id, ids))
        if not self._bounds.admit(number, page):
            return []
        moved = self._total is not None and page.total != self._total
        unchanged = self._pages.get(number) == keys
        self._pages[number] = keys
        self._total = page.total
        fresh = list(compress(page.records, self._seen.add_all(ids)))
        self._choose_next(number, page.total, moved=moved, unchanged=unchanged)
        if not self.whole:
            self._bounds.spend()
        return fresh

    def _choose_next(self, number: int, total: int, *, moved: bool, unchanged: bool) -> None:
        turned = self._going_back and unchanged and not moved
        self._going_back = number > 1 and not turned and (moved or self._going_back)
        if self._going_back:
            self.next_page = number - 1
        elif number < self._bounds.pages_of(total):
            self.next_page = number + 1
        else:
            self._finish(total)

    def _finish(self, total: int) -> None:
        last = self._bounds.pages_of(total)
        found = len(set(chain.from_iterable(keys for number, keys in self._pages.items() if number <= last)))
        if found == total:
            self.whole = True
            return
        if self._passes == PASSES:
            raise self._bounds.incomplete(f"{found} different records were read, the API counts {total}")
        self._passes += 1
        self.next_page = 1
