"""Lists of the API over HTTP: prefetched pages, with records as dicts or as JSON."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from airflow_provider_seventime.api.http import raw_records
from airflow_provider_seventime.api.http.requester import Requester
from airflow_provider_seventime.api.http.responses import ListContent, decode_list
from airflow_provider_seventime.api.http.transport import Request
from airflow_provider_seventime.api.listing.complete_read import read_list
from airflow_provider_seventime.api.listing.page import Page
from airflow_provider_seventime.api.listing.prefetch import Prefetcher, PrefetchRequest
from airflow_provider_seventime.api.listing.progress import Progress
from airflow_provider_seventime.api.rate_limit.clock import Clock

logger = logging.getLogger(__name__)

SORTED_BY_ID = {"sortBy": "_id", "sortDirection": "ascending"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RecordFormat(Generic[T]):
    """Form in which the records of a list are returned.

    :param decode: decodes the body of a response into records, their ids, and their number in the list; its keyword
        ``operation`` names the list in errors.
    :param convert: converts a record of a page to the form that is returned.
    """

    decode: Callable[..., raw_records.RawList | ListContent]
    convert: Callable[[Any], T] | None = None


DICTS: RecordFormat[dict[str, Any]] = RecordFormat(decode_list)
JSON_LINES: RecordFormat[bytes] = RecordFormat(raw_records.decode, bytes)


class Lists:
    """Paged lists of the API.

    :param requester: sends the requests.
    :param page_size: records requested per page.
    :param interval_seconds: time between two requests at the rate limit.
    :param clock: clock for progress and latencies.
    """

    def __init__(self, requester: Requester, page_size: int, interval_seconds: float, clock: Clock) -> None:
        self._clock = clock
        self._requester = requester
        self._page_size = page_size
        self._interval_seconds = interval_seconds

    def read(
        self, path: str, query: Mapping[str, str], max_records: int | None, record_format: RecordFormat[T]
    ) -> Iterator[T]:
        """Yield the records of a list, completely as :func:`.complete_read.read_list` describes.

        :param path: path of the list.
        :param query: filters and sort, as query parameters.
        :param max_records: stop after so many records; None: read all.
        :param record_format: form of the records.
        :raises IncompleteReadError: the list is not proved complete.
        :raises SevenTimeError: a page could not be read.
        """
        where = f"GET {path}"
        page_size = min(self._page_size, max_records or self._page_size)
        progress = Progress(where, page_size, self._clock.monotonic)

        decode = partial(record_format.decode, operation=where)

        def fetch(number: int, conditions: PrefetchRequest) -> tuple[Page, float]:
            request = Request("GET", path, {**query, "limit": str(page_size), "page": str(number)})
            response = self._requester.request(
                request, decode=decode, cancelled=conditions.cancelled, slot=conditions.slot
            )
            found = response.content
            return Page(found.records, found.total, response.server_time, found.ids), response.latency_seconds

        def take(number: int) -> Page:
            page = prefetcher.take(number)
            line = progress.add_page(len(page.records), page.total)
            if line is not None:
                logger.info("%s", line)
            return page

        check_stopped = self._requester.check_stopped
        with closing(Prefetcher(fetch, self._interval_seconds, check_stopped, self._clock.monotonic)) as prefetcher:
            records = read_list(
                where,
                page_size,
                take,
                by_id=SORTED_BY_ID.items() <= query.items(),
                filtered=not query.keys() <= SORTED_BY_ID.keys(),
                max_records=max_records,
                prefetch=prefetcher.prefetch,
            )
            yield from records if record_format.convert is None else map(record_format.convert, records)
