"""Size of a scenario."""

from __future__ import annotations

PAGE = 500


def records(full: int, scale: float) -> int:
    """Return the number of records: whole pages, at least two.

    :param full: number of records at scale 1.
    :param scale: share of the records, 0 to 1.
    """
    return max(round(full * scale / PAGE), 2) * PAGE
