"""Limits for the pages of an analysis, whose responses name their own next page. No I/O."""

from __future__ import annotations

from airflow_provider_seventime.exceptions import ProtocolError

MAX_PAGES = 10_000
MAX_EMPTY_PAGES = 3


class AnalysisPages:
    """Pages of one analysis that were named so far.

    :param where: method and path of the analysis, for errors.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._named: set[str] = set()
        self._empty = 0

    def add(self, next_page: int | str, rows: int) -> None:
        """Add the next page that a response names.

        :param next_page: its name.
        :param rows: number of rows in the response.
        :raises ProtocolError: the page was named before, or there are 10,000 pages, or three in a row have no rows.
        """
        if str(next_page) in self._named:
            raise self._endless(f"names page {next_page} as the next one again")
        self._named.add(str(next_page))
        if len(self._named) == MAX_PAGES:
            raise self._endless(f"names another page after {MAX_PAGES}", "Request more rows a page with limit.")
        self._empty = 0 if rows else self._empty + 1
        if self._empty == MAX_EMPTY_PAGES:
            raise self._endless(f"names another page after {MAX_EMPTY_PAGES} without rows")

    def _endless(self, reason: str, advice: str = "Report it to Seven Time's support.") -> ProtocolError:
        return ProtocolError(f"{self._where} {reason}, so the analysis would never end.\n{advice}")
