"""View of a read: the current records, or what a faulty service would return."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class ReadView:
    """View of a read.

    :param lag: age of the records on the sandbox's clock. Zero: the current records.
    :param offset: number of records that a page is shifted by. Positive: as if so many records before the page were
        deleted. Negative: as if so many were added.
    """

    lag: timedelta = timedelta()
    offset: int = 0


CURRENT_VIEW = ReadView()
