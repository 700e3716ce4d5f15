"""Faults on order: which request is answered wrongly, how, and whether the work is done before."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec

from airflow_provider_seventime.sandbox.state.read_view import Reading

ANY = "*"
LONGEST_REAL_SECONDS = 600
LONGEST_LAG_SECONDS = 366 * 24 * 3600

Kind = Literal["status", "reset", "refuse", "delay", "trickle", "cut_json", "html", "redirect", "stale", "moved"]
When = Literal["before", "after"]

# The fields that say something to some kinds only.
KINDS_OF: Mapping[str, tuple[Kind, ...]] = {
    "when": ("status", "reset", "delay", "trickle", "cut_json", "html", "redirect"),
    "status": ("status",),
    "message": ("status",),
    "retry_after": ("status",),
    "seconds": ("refuse", "delay", "trickle", "stale"),
    "header": ("trickle",),
    "location": ("redirect",),
    "by": ("moved",),
}


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One fault to make.

    :param kind: ``status`` (an error status), ``reset`` (the connection is closed without an answer), ``refuse`` (the
        same without any work, and the service is down), ``delay`` (the answer comes late), ``trickle`` (it comes in
        small pieces), ``cut_json`` (200 with half a body), ``html`` (200 with a web page), ``redirect`` (302),
        ``stale`` (a read sees the records as they were), ``moved`` (a page of a list is cut elsewhere).
    :param method: HTTP method it applies to, or ``*``. ``stale`` and ``moved`` strike no other than GET.
    :param collection: collection it applies to, or ``*``.
    :param times: how many requests it strikes; None: every one.
    :param probability: of striking a request, 0 to 1.
    :param seed: of the dice for ``probability``; the same seed at the same place of an order strikes the same requests.
    :param when: ``before`` the work, which is then not done, or ``after`` it. What is delayed, trickles or is cut is
        worked on in any case.
    :param status: for ``status``: the HTTP status.
    :param message: for ``status``: the ``errorMessage``; None: one that says it is a fault.
    :param retry_after: for ``status``: the header ``Retry-After``, as written; None: none.
    :param seconds: for ``refuse``, ``delay`` and ``trickle``: how long, in real seconds; for ``stale``: how long ago,
        by the sandbox's clock.
    :param header: for ``trickle``: the header trickles too, and the connection is closed behind the answer.
    :param location: for ``redirect``: where to.
    :param by: for ``moved``: the page is cut as if so many records had been removed before it; negative: as if so many
        had been added.
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
    seconds: Annotated[float, msgspec.Meta(ge=0, le=LONGEST_LAG_SECONDS)] = 0.0
    header: bool = False
    location: str = "https://login.example/"
    by: Annotated[int, msgspec.Meta(ge=-500, le=500)] = 1

    def __post_init__(self) -> None:
        """Refuse fields that do not go together.

        :raises ValueError: they do not; the text says which.
        """
        for field in msgspec.structs.fields(self):
            kinds = KINDS_OF.get(field.name)
            if kinds and self.kind not in kinds and getattr(self, field.name) != field.default:
                raise ValueError(f"{field.name}: says nothing to {self.kind}; it is for {', '.join(kinds)}")
        if self.kind != "stale" and self.seconds > LONGEST_REAL_SECONDS:
            raise ValueError(f"seconds: at most {LONGEST_REAL_SECONDS} for {self.kind}")
        if self.kind == "stale" and not self.seconds:
            raise ValueError("seconds: stale needs to be told how long ago, more than 0")
        if not self.by:
            raise ValueError("by: 0 moves nothing")
        if self.kind in ("stale", "moved") and self.method not in (ANY, "GET"):
            raise ValueError(f"method: {self.kind} strikes no {self.method}, only GET")

    @property
    def answers_with_work(self) -> bool:
        """Whether the work is done in any case, and its answer is the answer, changed or not."""
        return self.kind in ("trickle", "cut_json", "stale", "moved")

    @property
    def reading(self) -> Reading:
        """How a read that is struck sees the records."""
        return Reading(
            lag=timedelta(seconds=self.seconds if self.kind == "stale" else 0),
            moved_by=self.by if self.kind == "moved" else 0,
        )

    def applies_to(self, method: str, collection: str, *, pages: bool = False) -> bool:
        """Tell whether a request is of the kind that this fault strikes.

        :param pages: the request asks for a page of a list.
        """
        if (self.kind == "stale" and method != "GET") or (self.kind == "moved" and not pages):
            return False
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
    def __init__(self, fault: Fault, place: int) -> None:
        self.fault = fault
        self.left = fault.times
        # The place keeps the dice of an order apart: alike, one fault would strike right behind the other.
        self.dice = random.Random(f"{fault.seed}/{place}")  # noqa: S311 - no secret hangs on it

    def strikes(self) -> bool:
        """Roll the dice."""
        return self.dice.random() < self.fault.probability


class FaultPlan:
    """The faults on order; the first that strikes a request has it alone. Every method may be called from any thread.

    Each fault has dice of its own. A request rolls those of the faults that apply to it, in their order, up to the
    first that strikes.
    """

    def __init__(self) -> None:
        self._armed: list[_Armed] = []
        self._lock = threading.Lock()

    def order(self, faults: Sequence[Fault]) -> None:
        """Put these faults on order, in place of those that were."""
        with self._lock:
            self._armed = [_Armed(fault, place) for place, fault in enumerate(faults)]

    def clear(self) -> None:
        """Take every fault off the order."""
        self.order([])

    def pending(self) -> list[dict[str, Any]]:
        """Return the faults on order, with the ``times`` that are left."""
        with self._lock:
            return [{**msgspec.structs.asdict(armed.fault), "times": armed.left} for armed in self._armed]

    def strike(self, method: str, collection: str, *, pages: bool = False) -> Fault | None:
        """Return the fault that a request is struck by, and count it; None: the request is spared.

        :param pages: the request asks for a page of a list.
        """
        with self._lock:
            for armed in self._armed:
                if armed.fault.applies_to(method, collection, pages=pages) and armed.strikes():
                    self._count(armed)
                    return armed.fault
        return None

    def _count(self, armed: _Armed) -> None:
        if armed.left is None:
            return
        armed.left -= 1
        if not armed.left:
            self._armed.remove(armed)
