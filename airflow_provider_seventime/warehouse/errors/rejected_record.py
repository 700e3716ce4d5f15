"""Which record of a batch a database refuses: drivers tell it in as many ways as there are, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def find_rejected_record(ids: Sequence[str], refuses: Callable[[Sequence[str]], bool]) -> str | None:
    """Return the id of a record that is refused on its own, by halving the batch; None where there is none.

    Two records may be refused together only, for example when both claim the same place in a unique index.

    :param ids: of the batch that was refused.
    :param refuses: tells whether these records alone are refused.
    """
    suspects = ids
    while len(suspects) > 1:
        middle = len(suspects) // 2
        halves = (suspects[:middle], suspects[middle:])
        refused = next((half for half in halves if refuses(half)), None)
        if refused is None:
            return None
        suspects = refused
    return suspects[0] if suspects else None
