"""How a read sees the records: as they are, or as a service in trouble shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Reading:
    """How a read sees the records.

    :param lag: they are seen as they were so long ago by the sandbox's clock; zero: as they are.
    :param moved_by: a page is cut as if so many records had been removed before it; negative: as if so many had been
        added.
    """

    lag: timedelta = timedelta()
    moved_by: int = 0


AS_IT_IS = Reading()
