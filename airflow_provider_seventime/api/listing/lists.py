"""Lists of the API over HTTP: prefetched pages, with records as dicts or as JSON."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.api.http import raw_records
from airflow_provider_seventime.api.http.requester import DecodedResponse, Requester
from airflow_provider_seventime.api.http.responses import id_of, records_in, total_in
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

    :param decode: decodes the body of a response.
    :param page_of: builds a page from a decoded response; its second argument names the list in errors.
    :param convert: converts a record of a page to the form that is returned.
    """

    decode: Callable[[bytes], Any]
    page_of: Callable[[DecodedResponse, str], Page]
    convert: Callable[[Any], T] | None = None


def _page_of_dicts(response: DecodedResponse, where: str) -> Page:
    records = records_in(response.content, where)
    ids = [id_of(record, where) for record in records]
    return Page(records, total_in(response.content, where), response.server_time, ids)


def _page_of_raw_records(response: DecodedResponse, where: str) -> Page:  # noqa: ARG001 - signature of page_of
    content: raw_records.RawList = response.content
    return Page(content.records, content.total, response.server_time, content.ids)


DICTS: RecordFormat[dict[str, Any]] = RecordFormat(exact_json.decode, _page_of_dicts)
JSON_LINES: RecordFormat[bytes] = RecordFormat(raw_records.decode, _page_of_raw_records, bytes)


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

        def fetch(number: int, conditions: PrefetchRequest) -> tuple[Page, float]:
            request = Request("GET", path, {**query, "limit": str(page_size), "page": str(number)})
            response = self._requester.request(
                request, decode=record_format.decode, cancelled=conditions.cancelled, slot=conditions.slot
            )
            return record_format.page_of(response, where), response.latency_seconds

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
