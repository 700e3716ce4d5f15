"""Faults on order: which request is answered wrongly, how, and whether the work is done before."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

ANY = "*"

Kind = Literal["status", "reset", "delay", "cut_json", "html", "redirect"]
When = Literal["before", "after"]


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One fault to make.

    :param kind: ``status`` (an error status), ``reset`` (the connection is closed without an answer), ``delay`` (the
        answer comes late), ``cut_json`` (200 with half a body), ``html`` (200 with a web page), ``redirect`` (302).
    :param method: HTTP method it applies to, or ``*``.
    :param collection: collection it applies to, or ``*``.
    :param times: how many requests it strikes; None: every one.
    :param probability: of striking a request, 0 to 1.
    :param seed: of the dice for ``probability``; the same seed strikes the same requests.
    :param when: ``before`` the work, which is then not done, or ``after`` it. A delay never prevents the work.
    :param status: for ``status``: the HTTP status.
    :param message: for ``status``: the ``errorMessage``; None: one that says it is a fault.
    :param retry_after: for ``status``: the header ``Retry-After``, as written; None: none.
    :param seconds: for ``delay``: how long, in real seconds.
    :param location: for ``redirect``: where to.
    """

    kind: Kind
    method: Literal["*", "GET", "POST", "PUT", "DELETE"] = ANY  # type: ignore[assignment]
    collection: str = ANY
    times: Annotated[int, msgspec.Meta(ge=1)] | None = 1
    probability: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    seed: int = 0
    when: When = "before"
    status: Annotated[int, msgspec.Meta(ge=300, le=599)] = 500
    message: str | None = None
    retry_after: str | int | None = None
    seconds: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0.0
    location: str = "https://login.example/"

    def applies_to(self, method: str, collection: str) -> bool:
        """Tell whether a request is of the kind that this fault strikes."""
        return self.method in (ANY, method) and self.collection in (ANY, collection)


def read_faults(body: bytes) -> list[Fault]:
    """Read a JSON list of faults.

    :raises ValueError: it is none; the text says what is wrong where.
    """
    return msgspec.json.decode(body, type=list[Fault])


def fault_from(description: dict[str, Any]) -> Fault:
    """Return a fault from its description as plain data.

    :raises ValueError: the description is wrong; the text says where.
    """
    return msgspec.convert(description, Fault)


class _Armed:
    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.left = fault.times
        self.dice = random.Random(fault.seed)  # noqa: S311 - no secret hangs on it


class FaultPlan:
    """The faults on order; the first that strikes a request has it alone."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []

    def order(self, faults: Sequence[Fault]) -> None:
        """Put these faults on order, in place of those that were."""
        self._armed = [_Armed(fault) for fault in faults]

    def clear(self) -> None:
        """Take every fault off the order."""
        self._armed.clear()

    def pending(self) -> list[dict[str, Any]]:
        """Return the faults on order, with the ``times`` that are left."""
        return [{**msgspec.structs.asdict(armed.fault), "times": armed.left} for armed in self._armed]

    def strike(self, method: str, collection: str) -> Fault | None:
        """Return the fault that a request is struck by, and count it; None: the request is spared."""
        for armed in self._armed:
            if not armed.fault.applies_to(method, collection) or armed.dice.random() >= armed.fault.probability:
                continue
            if armed.left is not None:
                armed.left -= 1
                if not armed.left:
                    self._armed.remove(armed)
            return armed.fault
        return None
