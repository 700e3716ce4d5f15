"""How many requests of one read are on their way at the same time: earlier pages first, no matter who asks when."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class ConcurrencyLimit:
    """Lanes to the API, taken by threads.

    A lane is given back when the answer's bytes are here: they are decoded, and a failed attempt is waited out, without
    holding up the requests that follow.

    :param room: how many lanes there are at first.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._taken = 0
        self._waiting: list[int] = []
        self._changed = threading.Condition()

    def widen(self, room: int) -> None:
        """Let there be so many lanes."""
        with self._changed:
            self._room = room
            self._changed.notify_all()

    def wake(self) -> None:
        """Have those look up who wait for a lane that they may no longer want."""
        with self._changed:
            self._changed.notify_all()

    @contextmanager
    def lane(self, number: int, unwanted: threading.Event) -> Iterator[None]:
        """Hold a lane during the block.

        :param number: of the page: the lowest one that waits is first.
        :param unwanted: set when the page is no longer wanted: then nobody waits, and the block must send nothing.
        """
        with self._changed:
            self._waiting.append(number)
            self._changed.wait_for(lambda: unwanted.is_set() or self._is_next(number))
            self._waiting.remove(number)
            self._taken += 1
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._taken -= 1
                self._changed.notify_all()

    def _is_next(self, number: int) -> bool:
        return self._taken < self._room and number == min(self._waiting)
