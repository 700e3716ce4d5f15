"""How large a scenario is."""

from __future__ import annotations

PAGE = 500


def records(full: int, scale: float) -> int:
    """Return how many records, in whole pages and at least two of them.

    :param full: the number at scale 1.
    :param scale: the share of it.
    """
    return max(round(full * scale / PAGE), 2) * PAGE
