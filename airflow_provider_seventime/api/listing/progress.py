"""What a long read says about itself: rows, pages of how many, and the time that is left."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

FIRST_LINE_SECONDS = 10.0
NEXT_LINE_SECONDS = 30.0


class Progress:
    """Tells when a read has gone on for so long that a line about it is due, and what it says.

    :param where: what is read, for example ``timeLogs``.
    :param monotonic: seconds that never go back; the read begins now.
    """

    def __init__(self, where: str, monotonic: Callable[[], float]) -> None:
        self._where = where
        self._monotonic = monotonic
        self._began_at = monotonic()
        self._next_line_at = self._began_at + FIRST_LINE_SECONDS

    def note(self, pages_done: int, pages_in_all: int | None, rows: int) -> str | None:
        """Take note of how far the read is; return the line that is due, or None.

        The first is due after ten seconds, the next ones half a minute apart. None is due when all pages are done.

        :param pages_done: pages read.
        :param pages_in_all: pages that the list has by its latest total; None: not known.
        :param rows: records read.
        """
        now = self._monotonic()
        if now < self._next_line_at or (pages_in_all is not None and pages_done >= pages_in_all):
            return None
        self._next_line_at = now + NEXT_LINE_SECONDS
        left_seconds = seconds_left(now - self._began_at, pages_done, pages_in_all)
        return progress_line(self._where, rows, pages_done, pages_in_all, left_seconds)


def seconds_left(elapsed_seconds: float, pages_done: int, pages_in_all: int | None) -> float | None:
    """Return how long the rest takes at the pace so far; None where nothing is known to go by.

    :param elapsed_seconds: since the read began.
    :param pages_done: pages read in that time.
    :param pages_in_all: pages in all; None: not known.
    """
    if pages_in_all is None or pages_done < 1:
        return None
    return elapsed_seconds / pages_done * max(0, pages_in_all - pages_done)


def progress_line(where: str, rows: int, pages_done: int, pages_in_all: int | None, left_seconds: float | None) -> str:
    """Return the line: ``timeLogs: 38 500 rows, page 77 of 400, about 85 s left``."""
    grouped = f"{rows:,}".replace(",", " ")
    of_all = f" of {pages_in_all}" if pages_in_all is not None else ""
    left = f", about {ceil(left_seconds)} s left" if left_seconds is not None else ""
    return f"{where}: {grouped} rows, page {pages_done}{of_all}{left}"
