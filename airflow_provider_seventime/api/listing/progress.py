"""Progress of a long read for the log: rows, pages and time left."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

FIRST_LINE_SECONDS = 10.0
NEXT_LINE_SECONDS = 30.0


class Progress:
    """Progress of one read, which begins now. A line for the log is due after 10 seconds, then every 30 seconds.

    :param where: method and path of the list.
    :param page_size: records requested per page.
    :param monotonic: clock in seconds that never goes back.
    """

    def __init__(self, where: str, page_size: int, monotonic: Callable[[], float]) -> None:
        self._where = where
        self._page_size = page_size
        self._monotonic = monotonic
        self._began_at = monotonic()
        self._next_line_at = self._began_at + FIRST_LINE_SECONDS
        self._pages = self._rows = 0

    def add_page(self, rows: int, total: int) -> str | None:
        """Count a page and return the line that is due, or None. No line is due after the last page.

        :param rows: number of records on the page.
        :param total: number of records in the list.
        """
        self._pages += 1
        self._rows += rows
        pages_in_all = -(-total // self._page_size)
        now = self._monotonic()
        if now < self._next_line_at or self._pages >= pages_in_all:
            return None
        self._next_line_at = now + NEXT_LINE_SECONDS
        left_seconds = seconds_left(now - self._began_at, self._pages, pages_in_all)
        return progress_line(self._where, self._rows, self._pages, pages_in_all, left_seconds)


def seconds_left(elapsed_seconds: float, pages_done: int, pages_in_all: int) -> float:
    """Return how long the remaining pages take at the speed so far.

    :param elapsed_seconds: time since the read began.
    :param pages_done: pages read in that time, at least 1.
    :param pages_in_all: number of pages of the list.
    """
    return elapsed_seconds / pages_done * max(0, pages_in_all - pages_done)


def progress_line(where: str, rows: int, pages_done: int, pages_in_all: int, left_seconds: float) -> str:
    """Return the line, for example ``timeLogs: 38 500 rows, page 77 of 400, about 85 s left``."""
    grouped = f"{rows:,}".replace(",", " ")
    return f"{where}: {grouped} rows, page {pages_done} of {pages_in_all}, about {ceil(left_seconds)} s left"
