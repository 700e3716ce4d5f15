"""Search for the record of a batch that a database rejects: not every driver names it."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def find_rejected_record(ids: Sequence[str], is_rejected: Callable[[Sequence[str]], bool]) -> str | None:
    """Return the id of a record that is rejected on its own, found by halving the batch; None where there is none.

    Two records may be rejected only together, for example when both have the same value in a unique index.

    :param ids: of the batch that was rejected.
    :param is_rejected: returns whether the database rejects these records alone.
    """
    suspects = ids
    while len(suspects) > 1:
        middle = len(suspects) // 2
        halves = (suspects[:middle], suspects[middle:])
        rejected = next((half for half in halves if is_rejected(half)), None)
        if rejected is None:
            return None
        suspects = rejected
    return suspects[0] if suspects else None
