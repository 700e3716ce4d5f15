"""A whole list, or an error: every record once, though the list may change while it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice

from airflow_provider_seventime.api.listing.any_order import AnyOrderView
from airflow_provider_seventime.api.listing.id_order import IdOrderView
from airflow_provider_seventime.api.listing.page import Page, Record

# What is wanted after a page is known that far ahead, and no more pages are held in memory. Where one must be tried
# again, those behind it keep the pace meanwhile: a second and a half of requests at the API's limit, and some more.
MOST_TOGETHER = 12


def read_list(
    where: str,
    page_size: int,
    fetch: Callable[[int], Page],
    *,
    by_id: bool = True,
    filtered: bool = True,
    max_records: int | None = None,
    ask: Callable[[Sequence[int]], None] | None = None,
) -> Iterator[Record]:
    """Yield the records of a list, each once; a page is asked for when its records are wanted.

    **Whole** means: every record that was in the list from the first request to the last is yielded. One that was made
    or deleted meanwhile may be or not, and an edited one is yielded as it was before or after. A list in the order of
    ``_id`` that is read to its end is whole, or the read ends in an error, under these conditions:

    * An answer's records and its total are of one moment, and later answers do not show an earlier state.
    * Where the list has filters: no edit brings an old record into it between the same two answers between which
      another leaves it, so that the total does not move. Nobody who reads pages can see that.

    Records come in the order of ``_id``, apart from those that had to be read again.

    In any other order the totals and the number of different records are compared, and that is all: edits may move
    records in such an order. With ``max_records`` below the list's size the pages are read as 1, 2, 3 ... and nothing
    is promised beyond what is read.

    :param where: what is read, for the errors.
    :param page_size: records asked for per page.
    :param fetch: returns the page of a number, from 1.
    :param by_id: the list is sorted by ``_id``, ascending.
    :param filtered: the list has filters.
    :param max_records: end after that many; None: at the end of the list.
    :param ask: told before each fetch but the first which page is wanted and which will be wanted after it, so that
        they can be asked for at the same time. None: one page at a time.
    :raises IncompleteReadError: the list could not be shown to be whole; what was yielded before may lack records.
    :raises ProtocolError: a record has no ``_id``, or there are more than were asked for.
    """
    first = fetch(1)
    to_the_end = max_records is None or first.total <= max_records
    view: IdOrderView | AnyOrderView
    if by_id and to_the_end:
        view = IdOrderView(where, page_size, filtered=filtered, together=MOST_TOGETHER if ask else 1)
    else:
        view = AnyOrderView(where, page_size)
    with closing(view):
        yield from islice(_follow(view, first, fetch, ask), max_records)


def _follow(
    view: IdOrderView | AnyOrderView,
    page: Page,
    fetch: Callable[[int], Page],
    ask: Callable[[Sequence[int]], None] | None,
) -> Iterator[Record]:
    yield from view.take(page)
    while not view.whole:
        if ask:
            ask([view.next_page, *view.ahead])
        yield from view.take(fetch(view.next_page))
