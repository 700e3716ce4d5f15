"""Lists over HTTP: pages asked for ahead of their turn, and records as dicts or as they came."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.api.http.clock import Clock
from airflow_provider_seventime.api.http.requester import DecodedResponse, Requester
from airflow_provider_seventime.api.http.responses import id_of, records_in, total_in
from airflow_provider_seventime.api.http.transport import Request
from airflow_provider_seventime.api.listing import raw_records
from airflow_provider_seventime.api.listing.complete_read import read_list
from airflow_provider_seventime.api.listing.page import Page
from airflow_provider_seventime.api.listing.prefetch import Prefetcher, PrefetchRequest
from airflow_provider_seventime.api.listing.progress import Progress

logger = logging.getLogger(__name__)

BY_ID = {"sortBy": "_id", "sortDirection": "ascending"}


@dataclass(frozen=True, slots=True)
class Form:
    """In which form records are wanted.

    :param decode: reads an answer's body.
    :param page_of: makes the page of what was read; it is given where that came from, for the errors.
    :param give: turns a record of a page into what is yielded; None: that is the record.
    """

    decode: Callable[[bytes], Any]
    page_of: Callable[[DecodedResponse, str], Page]
    give: Callable[[Any], Any] | None = None


def _page_of_dicts(reply: DecodedResponse, where: str) -> Page:
    records = records_in(reply.content, where)
    ids = [id_of(record, where) for record in records]
    return Page(records, total_in(reply.content, where), reply.server_time, ids)


def _page_of_lines(reply: DecodedResponse, where: str) -> Page:  # noqa: ARG001 - the form of its kind
    raw: raw_records.RawList = reply.content
    return Page(raw.records, raw.total, reply.server_time, raw.ids)


DICTS = Form(exact_json.decode, _page_of_dicts)
LINES = Form(raw_records.decode, _page_of_lines, raw_records.line)


class _Told:
    """Tells the log of a long read."""

    def __init__(self, progress: Progress, page_size: int) -> None:
        self._progress = progress
        self._page_size = page_size
        self._pages = self._rows = 0

    def of(self, page: Page) -> Page:
        """Take note of a page, and hand it on."""
        self._pages += 1
        self._rows += len(page.records)
        line = self._progress.note(self._pages, -(-page.total // self._page_size), self._rows)
        if line is not None:
            logger.info("%s", line)
        return page


class Lists:
    """Paged lists of the API.

    :param requester: sends the requests.
    :param page_size: records per request.
    :param interval_seconds: the budget's spacing of requests.
    :param clock: what a long read is timed by.
    """

    def __init__(self, requester: Requester, page_size: int, interval_seconds: float, clock: Clock) -> None:
        self._clock = clock
        self._requester = requester
        self._page_size = page_size
        self._interval_seconds = interval_seconds

    def read(self, path: str, query: Mapping[str, str], max_records: int | None, form: Form) -> Iterator[Any]:
        """Yield the records of a list, as :func:`paging.read_list` promises.

        :param path: of the list.
        :param query: filters and sort, as they are sent.
        :param max_records: end after that many; None: all.
        :param form: of the records.
        :raises IncompleteReadError: the list could not be shown to be whole.
        """
        where = f"GET {path}"
        page_size = min(self._page_size, max_records or self._page_size)

        def fetch(number: int, wish: PrefetchRequest) -> tuple[Page, float]:
            request = Request("GET", path, {**query, "limit": str(page_size), "page": str(number)})
            reply = self._requester.request(request, decode=form.decode, cancelled=wish.unwanted, slot=wish.lane)
            return form.page_of(reply, where), reply.latency_seconds

        by_id = BY_ID.items() <= query.items()
        filtered = not query.keys() <= BY_ID.keys()
        told = _Told(Progress(where, self._clock.monotonic), page_size)
        with closing(Prefetcher(fetch, self._interval_seconds, self._clock.monotonic)) as flights:
            records = read_list(
                where,
                page_size,
                lambda number: told.of(flights.take(number)),
                by_id=by_id,
                filtered=filtered,
                max_records=max_records,
                ask=flights.ask,
            )
            wanted = islice(records, max_records)
            yield from map(form.give, wanted) if form.give else wanted
