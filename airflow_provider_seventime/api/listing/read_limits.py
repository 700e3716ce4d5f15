"""Limits of one read: how many requests it may cost, and which responses it accepts."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from airflow_provider_seventime.api.listing.page import Page, PageRequest, Record
from airflow_provider_seventime.exceptions import IncompleteReadError, ProtocolError

MAX_PASSES = 3
SPARE_REQUESTS = 10
MAX_WRONG_COUNTS = 3

TRY_AGAIN = "Try again when fewer records are being changed, or narrow the filters."


@dataclass(slots=True)
class ReadLimits:
    """Requests of one read, counted.

    :param where: method and path of the list, for errors.
    :param page_size: records requested per page.
    """

    where: str
    page_size: int
    requests: int = 0
    _max_requests: int = 0  # 0: not known before the first response

    def pages_of(self, total: int) -> int:
        """Return the number of pages of a list with so many records; an empty list has one."""
        return max(1, -(-total // self.page_size))

    def request(
        self, number: int, records: list[Record], ahead: range = range(0)
    ) -> Generator[PageRequest, Page, Page]:
        """Request a page, again while its response has another number of records than its own total requires.

        The API may count and read at two moments, so that the two differ for once.

        :param number: number of the page, from 1.
        :param records: records to deliver first; the list is emptied.
        :param ahead: pages after it that may be requested at the same time.
        :raises IncompleteReadError: three responses in a row have the wrong number of records, or the read has used up
            its requests.
        :raises ProtocolError: the page has more records than requested.
        """
        for _ in range(MAX_WRONG_COUNTS):
            if self._max_requests and self.requests >= self._max_requests:
                raise self.incomplete("the list kept changing")
            ready = records[:]
            records.clear()
            page = yield PageRequest(number, ahead, ready)
            self.requests += 1
            # The first total decides: a list may grow as fast as it is read.
            self._max_requests = self._max_requests or MAX_PASSES * self.pages_of(page.total) + SPARE_REQUESTS
            if len(page.records) > self.page_size:
                raise ProtocolError(
                    f"{self.where} answered {len(page.records)} records where {self.page_size} were requested."
                )
            required = min(max(page.total - (number - 1) * self.page_size, 0), self.page_size)
            if len(page.records) == required:
                return page
        raise self._wrong_count(number, page, required)

    def incomplete(self, reason: str, advice: str = TRY_AGAIN) -> IncompleteReadError:
        """Return the error of a read that is not proved complete.

        :param reason: the observation that prevents the proof, as a clause.
        :param advice: a sentence that says what to do.
        """
        return IncompleteReadError(
            f"{self.where} could not be read completely in {self.requests} requests: {reason}. Do not use the records "
            f"that were read.\n{advice}"
        )

    def _wrong_count(self, number: int, page: Page, required: int) -> IncompleteReadError:
        count = len(page.records)
        reason = f"page {number} has {count} records where the API's own total of {page.total} requires {required}"
        if 0 < count < required:
            return self.incomplete(
                reason,
                f"The API seems to limit pages to fewer records than the {self.page_size} requested. Set page_size in "
                f"the connection's extra to {count} or less.",
            )
        return self.incomplete(reason)
