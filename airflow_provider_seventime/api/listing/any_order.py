"""Reading a list in an order other than ``_id``: which page comes next. No I/O.

The pages are requested as 1, 2, 3 ... When the total changes, records may have moved between the pages already read.
The reader then goes back page by page, until a page has the same records as before, and forward again from there.

The list counts as complete when the latest contents of all pages together have as many different records as the API
counts. Otherwise it is read again, three times at most. This proves less than :mod:`.id_order`: an edit may move a
record in this order without changing the total.
"""

from __future__ import annotations

from itertools import chain, compress

from airflow_provider_seventime.api.listing.page import PageReader, Record
from airflow_provider_seventime.api.listing.read_limits import MAX_PASSES, ReadLimits
from airflow_provider_seventime.seen_ids import PackedId, SeenIds, pack_id


def read_in_any_order(limits: ReadLimits) -> PageReader:
    """Read a list in an order of the caller's choice.

    :param limits: limits of the read.
    :raises IncompleteReadError: the list kept changing.
    :raises ProtocolError: a page has more records than requested.
    """
    ready: list[Record] = []
    contents: dict[int, tuple[PackedId, ...]] = {}  # the ids of each page, as last read
    number, passes, total, going_back = 1, 1, None, False
    with SeenIds() as seen:
        while True:
            page = yield from limits.request(number, ready)
            ready += compress(page.records, seen.add_all(page.ids))
            ids = tuple(map(pack_id, page.ids))
            total_changed = total is not None and page.total != total
            page_changed = contents.get(number) != ids
            contents[number], total = ids, page.total
            going_back = number > 1 and (total_changed or (going_back and page_changed))
            last = limits.pages_of(total)
            if going_back:
                number -= 1
            elif number < last:
                number += 1
            else:
                found = len(set(chain.from_iterable(ids for page, ids in contents.items() if page <= last)))
                if found == total:
                    return ready
                if passes == MAX_PASSES:
                    raise limits.incomplete(f"{found} different records were read and the API counts {total}")
                number, passes = 1, passes + 1
