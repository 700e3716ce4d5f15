"""An analysis names its own next page: what keeps that from going on for ever. No I/O."""

from __future__ import annotations

from airflow_provider_seventime.exceptions import ProtocolError

MOST_PAGES = 10_000
MOST_EMPTY_PAGES = 3


class AnalysisPages:
    """The pages of an analysis that were named so far.

    :param where: what is read, for the errors.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._named: set[str] = set()
        self._empty = 0

    def follow(self, following: int | str, rows: int) -> None:
        """Take note of the page that is named as the next.

        :param following: its name.
        :param rows: how many rows the page held that names it.
        :raises ProtocolError: it was named before, or there are too many pages, or too many in a row without a row.
        """
        if str(following) in self._named:
            raise self._endless(f"names page {following} as the next one again")
        self._named.add(str(following))
        if len(self._named) == MOST_PAGES:
            raise self._endless(f"names another page after {MOST_PAGES}: ask for more rows a page with limit")
        self._empty = 0 if rows else self._empty + 1
        if self._empty == MOST_EMPTY_PAGES:
            raise self._endless(f"names another page after {MOST_EMPTY_PAGES} without rows")

    def _endless(self, what: str) -> ProtocolError:
        return ProtocolError(f"{self._where} {what}; it would never end")
