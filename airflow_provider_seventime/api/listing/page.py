"""One page of a list, and what no list may do: give more than asked, never fill a page, never end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from airflow_provider_seventime.api.http.responses import id_of
from airflow_provider_seventime.exceptions import IncompleteReadError, ProtocolError

PASSES = 3
SPARE_REQUESTS = 10
MISFITS = 3

Record = Any

STILL = "try again when fewer records are being changed, or narrow the filters"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list.

    :param records: its records, in whatever form they are wanted.
    :param total: how many the list has in all, as the API counted at that moment.
    :param answered_at: when the API answered, by its own clock (aware); None: it did not say.
    :param ids: the records' ids; None: they stand in the records, as ``_id``.
    """

    records: list[Record]
    total: int
    answered_at: datetime | None = None
    ids: list[str] | None = None


@dataclass(slots=True)
class Bounds:
    """What one read may cost, and whether an answer can be the page that was asked for.

    :param where: what is read, for the errors.
    :param page_size: records asked for per page.
    """

    where: str
    page_size: int
    requests: int = 0
    _most_requests: int = 0
    _misfits: int = 0

    def pages_of(self, total: int) -> int:
        """Return how many pages a list of so many records has; an empty one has one."""
        return max(1, -(-total // self.page_size))

    def ids_of(self, page: Page) -> list[str]:
        """Return the ids of a page.

        :raises ProtocolError: a record has no ``_id``.
        """
        return [id_of(record, self.where) for record in page.records] if page.ids is None else page.ids

    def admit(self, number: int, page: Page) -> bool:
        """Count a request, and tell whether its answer holds as many records as its own total promises.

        One that does not is to be asked for again: the API may have counted a moment before or after it read.

        :param number: of the page, from 1.
        :raises IncompleteReadError: the page does not fit after several requests, or the read costs too many.
        :raises ProtocolError: there are more records than were asked for.
        """
        self.requests += 1
        # By the first total: a list may grow as fast as it is read.
        self._most_requests = self._most_requests or PASSES * self.pages_of(page.total) + SPARE_REQUESTS
        held = len(page.records)
        if held > self.page_size:
            raise ProtocolError(f"{self.where} answered {held} records where {self.page_size} were asked for")
        due = min(max(page.total - (number - 1) * self.page_size, 0), self.page_size)
        if held == due:
            self._misfits = 0
            return True
        self._misfits += 1
        if self._misfits == MISFITS:
            raise self._misfit(number, page, due)
        self.spend()
        return False

    def spend(self) -> None:
        """Refuse another request where the read has cost too many.

        :raises IncompleteReadError: it has.
        """
        if self.requests >= self._most_requests:
            raise self.incomplete("it did not hold still")

    def incomplete(self, why: str, advice: str = STILL) -> IncompleteReadError:
        """Return the error of a read that cannot be shown to be whole."""
        return IncompleteReadError(
            f"{self.where} could not be read whole in {self.requests} requests: {why}. Nothing may be concluded from "
            f"what was read; {advice}"
        )

    def _misfit(self, number: int, page: Page, due: int) -> IncompleteReadError:
        held = len(page.records)
        why = f"page {number} held {held} records where {due} were due by the API's own count of {page.total}"
        if 0 < held < due:
            return self.incomplete(
                why,
                f"the API seems to give fewer records per page than the {self.page_size} asked for: set page_size in "
                f"the connection's extra to {held} or less",
            )
        return self.incomplete(why)
