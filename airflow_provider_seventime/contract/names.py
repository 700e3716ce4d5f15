"""Suggestions for misspelt names."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest_name(wrong: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most similar to a wrong one, or None if none is similar.

    Case is ignored: ``timelogs`` gives ``timeLogs``.
    """
    by_folded = {name.casefold(): name for name in known}
    folded = str(wrong).strip().casefold()
    if folded in by_folded:
        return by_folded[folded]
    close = get_close_matches(folded, by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?``, or the list of known names if none is similar."""
    names = sorted(known)
    near = nearest_name(wrong, names)
    return f"did you mean {near!r}?" if near else f"known are: {', '.join(names)}"
