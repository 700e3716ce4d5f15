"""Objects that a forked process must not share with its parent, such as sockets and locks."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")


class PerProcess(Generic[T]):
    """An object of which each process has its own.

    After a fork the child gets a new object before any of its code runs. A socket of the parent would receive responses
    of both processes, and a lock that another thread of the parent held would never be released in the child.

    :param make: makes the object.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self.value = make()
        _all.add(self)

    def renew(self) -> None:
        """Make a new object."""
        self.value = self._make()


_all: WeakSet[PerProcess[Any]] = WeakSet()


def _renew_all() -> None:
    for one in list(_all):
        one.renew()


os.register_at_fork(after_in_child=_renew_all)
