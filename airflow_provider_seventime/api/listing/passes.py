"""What one pass over a list in the order of ``_id`` has found."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from airflow_provider_seventime.api.listing.page import Page, Record


@dataclass(slots=True)
class Pass:
    """What one pass over a list has found; :mod:`.id_order` says what is made of it.

    :param first_total: the total when the first page was read.
    :param first_at: when that was.
    :param last_page: the page that was the last one then; 1: there is no other.
    :param last_ids: the ids of that page.
    :param held: its records, delivered at the end.
    :param ends: the last id of each page before it, as last read.
    :param front: the highest page read on the way forward.
    :param target: the page at which the way forward ends.
    :param in_doubt: records may have moved to the first page before the last one was read.
    :param ordered: the ids ascend as text.
    :param countable: every page was full and in order, so that moves can be counted.
    :param above: the first id of the page above, on the way back.
    :param moves: deletions seen on the way back, the one that it began with included.
    :param back_to: the page at which the way back may end; 0: at the first.
    :param claimed: the most of them of any way back.
    :param total: the latest.
    :param grew: it rose after the last page was read.
    :param fell: it fell at some time.
    :param rose: it rose at some time.
    :param arrived: by how much it rose, less the records that were seen to make way for it.
    """

    first_total: int = 0
    first_at: datetime | None = None
    last_page: int = 1
    last_ids: list[str] = field(default_factory=list)
    held: list[Record] = field(default_factory=list)
    ends: dict[int, str] = field(default_factory=dict)
    front: int = 1
    target: int = 1
    in_doubt: bool = False
    ordered: bool = True
    countable: bool = True
    above: str = ""
    moves: int = 0
    back_to: int = 0
    claimed: int = 0
    total: int = 0
    grew: bool = False
    fell: bool = False
    rose: bool = False
    arrived: int = 0

    def note(self, total: int) -> None:
        """Take in the total of another answer."""
        self.fell = self.fell or total < self.total
        if total > self.total:
            self.rose = self.grew = True
            self.arrived += total - self.total
        self.total = total

    def reached(self, ids: list[str]) -> bool:
        """Tell whether a page before the last one goes as far as that one did, so that all between has moved."""
        return self.ordered and bool(ids) and ids[-1] >= self.last_ids[0]

    def start(self, page: Page) -> None:
        """Take in the first page's total and time."""
        self.first_total, self.first_at = page.total, page.answered_at
        self.rose = self.grew = False
        self.arrived = 0
