"""One page of a list, and the request for the next page."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Record = Any

# Pages requested at the same time, at most; no more are held in memory. A page that is tried again for a second and a
# half at the API's limit of requests leaves the pages behind it enough to do.
MAX_PAGES_AT_ONCE = 12


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list.

    :param records: its records, as dicts or as undecoded JSON.
    :param total: number of records in the list, as the API counted them for this response.
    :param server_time: time of the response on the server's clock (aware); None: the response has no date.
    :param ids: the ``_id`` of each record.
    """

    records: list[Record]
    total: int
    server_time: datetime | None
    ids: list[str]


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Request for the next page of a list.

    :param number: number of the page, from 1.
    :param ahead: pages after it that may be requested at the same time.
    :param records: records to deliver before the page is fetched.
    """

    number: int
    ahead: range = range(0)
    records: list[Record] = field(default_factory=list)


# A reader yields the page that it needs next and receives it. It returns the records that are left to deliver.
PageReader = Generator[PageRequest, Page, list[Record]]
