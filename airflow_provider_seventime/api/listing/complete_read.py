"""Complete reads: every record of a list once, or an error, even if the list changes during the read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import chain, islice

from airflow_provider_seventime.api.listing.any_order import read_in_any_order
from airflow_provider_seventime.api.listing.id_order import read_in_id_order
from airflow_provider_seventime.api.listing.page import MAX_PAGES_AT_ONCE, Page, PageReader, Record
from airflow_provider_seventime.api.listing.read_limits import ReadLimits


def read_list(
    where: str,
    page_size: int,
    fetch: Callable[[int], Page],
    *,
    by_id: bool = True,
    filtered: bool = True,
    max_records: int | None = None,
    prefetch: Callable[[Sequence[int]], None] | None = None,
) -> Iterator[Record]:
    """Yield the records of a list, each once. A page is fetched when its first record is needed.

    A list sorted by ``_id`` and read to its end is **complete**, or the read ends in an error. Complete means: every
    record that is in the list from the first request to the last is yielded. A record that is created or deleted
    meanwhile may be yielded or not. An edited record is yielded as it was before or after the edit. This requires:

    * The records and the total of one response are of one moment, and later responses do not show an earlier state.
    * With filters: between two responses, not both does an edit let an old record enter the list and another record
      leave it. The total would stay the same, and no reader of pages could see the change.

    Records come in the order of ``_id``, apart from those of pages that had to be read again.

    In any other order an edit may move a record without a trace. There the reader compares the total with the number of
    different records, and no more. With ``max_records`` below the list's size, pages are read as 1, 2, 3 ... and
    nothing is promised about the records that are not read.

    :param where: method and path of the list, for errors.
    :param page_size: records requested per page.
    :param fetch: returns the page of a number, from 1.
    :param by_id: the list is sorted by ``_id``, ascending.
    :param filtered: the list has filters.
    :param max_records: stop after so many records; None: read to the end of the list.
    :param prefetch: called before each fetch but the first with the numbers of the page that is fetched now and of the
        pages that follow it, so that they can be requested at the same time. None: one page at a time.
    :raises IncompleteReadError: the list is not proved complete. Records yielded before may be too few.
    :raises ProtocolError: a page has more records than requested.
    """
    first = fetch(1)
    reads_all = max_records is None or first.total <= max_records
    limits = ReadLimits(where, page_size)
    if by_id and reads_all:
        reader = read_in_id_order(limits, filtered=filtered, pages_at_once=MAX_PAGES_AT_ONCE if prefetch else 1)
    else:
        reader = read_in_any_order(limits)
    with closing(reader):
        yield from islice(chain.from_iterable(_drive(reader, first, fetch, prefetch)), max_records)


def _drive(
    reader: PageReader,
    page: Page,
    fetch: Callable[[int], Page],
    prefetch: Callable[[Sequence[int]], None] | None,
) -> Iterator[list[Record]]:
    """Fetch the pages that a reader requests, and yield the records that it delivers, in batches.

    :param page: page 1, which every reader requests first.
    """
    next(reader)
    while True:
        try:
            request = reader.send(page)
        except StopIteration as end:
            yield end.value
            return
        yield request.records
        if prefetch:
            prefetch([request.number, *request.ahead])
        page = fetch(request.number)
