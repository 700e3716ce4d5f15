"""Faults: the requests that trigger them, and their effect."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec

from airflow_provider_seventime.sandbox.state.read_view import ReadView

ANY = "*"
MAX_REAL_SECONDS = 600
MAX_LAG_SECONDS = 366 * 24 * 3600

Kind = Literal["status", "reset", "refuse", "delay", "trickle", "cut_json", "html", "redirect", "stale", "moved"]
When = Literal["before", "after"]

# Fields that only some kinds use.
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
    """One fault.

    :param kind: effect of the fault:

        * ``status``: an error status
        * ``reset``: the connection is closed without a response
        * ``refuse``: the same, the request is not processed, and the service is down for ``seconds``
        * ``delay``: the response comes ``seconds`` late
        * ``trickle``: the response comes in small pieces
        * ``cut_json``: status 200 with half of the body
        * ``html``: status 200 with a web page
        * ``redirect``: status 302
        * ``stale``: a read returns the records as they were ``seconds`` ago
        * ``moved``: a page of a list starts ``by`` records later

    :param method: HTTP method of the requests, or ``*``. ``stale`` and ``moved`` affect GET only.
    :param collection: collection of the requests, or ``*``.
    :param times: number of requests that trigger the fault; None: every one.
    :param probability: share of the requests that trigger the fault, 0 to 1.
    :param seed: seed of the random numbers. Equal seeds at the same place of a list trigger on the same requests.
    :param when: ``before``: the request is not processed. ``after``: it is. Requests with ``delay``, ``trickle`` and
        ``cut_json`` are always processed.
    :param status: HTTP status of ``status``.
    :param message: ``errorMessage`` of ``status``; None: a text that names the fault.
    :param retry_after: header ``Retry-After`` of ``status``, as written; None: no header.
    :param seconds: duration of ``refuse``, ``delay`` and ``trickle`` in real seconds, or age of the records of
        ``stale`` on the sandbox's clock.
    :param header: ``trickle`` also sends the header in pieces, and closes the connection after the response.
    :param location: target of ``redirect``.
    :param by: records that ``moved`` skips, as if so many before the page were deleted. Negative: as if so many were
        added.
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
    seconds: Annotated[float, msgspec.Meta(ge=0, le=MAX_LAG_SECONDS)] = 0.0
    header: bool = False
    location: str = "https://login.example/"
    by: Annotated[int, msgspec.Meta(ge=-500, le=500)] = 1

    def __post_init__(self) -> None:
        """Check that the fields fit together.

        :raises ValueError: they do not; the message names the field.
        """
        for field in msgspec.structs.fields(self):
            kinds = KINDS_OF.get(field.name)
            if kinds and self.kind not in kinds and getattr(self, field.name) != field.default:
                raise ValueError(f"{field.name}: has no effect on {self.kind}; it belongs to {', '.join(kinds)}")
        if self.kind != "stale" and self.seconds > MAX_REAL_SECONDS:
            raise ValueError(f"seconds: at most {MAX_REAL_SECONDS} for {self.kind}")
        if self.kind == "stale" and not self.seconds:
            raise ValueError("seconds: required for stale, and above 0: the age of the records")
        if not self.by:
            raise ValueError("by: must not be 0, which moves nothing")
        if self.kind in ("stale", "moved") and self.method not in (ANY, "GET"):
            raise ValueError(f"method: {self.kind} affects GET only, not {self.method}")

    @property
    def needs_response(self) -> bool:
        """True if the request is always processed, and its response is sent, altered or not."""
        return self.kind in ("trickle", "cut_json", "stale", "moved")

    @property
    def view(self) -> ReadView:
        """View of a read that triggers the fault."""
        return ReadView(
            lag=timedelta(seconds=self.seconds if self.kind == "stale" else 0),
            offset=self.by if self.kind == "moved" else 0,
        )

    def applies_to(self, method: str, collection: str, *, paged: bool = False) -> bool:
        """Return whether a request can trigger the fault.

        :param paged: the request reads a page of a list.
        """
        if (self.kind == "stale" and method != "GET") or (self.kind == "moved" and not paged):
            return False
        return self.method in (ANY, method) and self.collection in (ANY, collection)


def read_faults(body: bytes) -> list[Fault]:
    """Read a JSON list of faults.

    :raises ValueError: the list is invalid; the message says where.
    """
    return msgspec.json.decode(body, type=list[Fault])


def fault_from(fields: dict[str, Any]) -> Fault:
    """Return the fault with the given fields.

    :raises ValueError: a field is invalid; the message says which.
    """
    return msgspec.convert(fields, Fault)


class _ActiveFault:
    def __init__(self, fault: Fault, position: int) -> None:
        self.fault = fault
        self.left = fault.times
        # The position gives equal faults of a list different random numbers.
        self._random = random.Random(f"{fault.seed}/{position}")  # noqa: S311 - not used for secrets

    def draw(self) -> bool:
        """Draw a random number and return whether the fault is triggered."""
        return self._random.random() < self.fault.probability


class FaultPlan:
    """The faults that are set. A request triggers at most one of them. Every method may be called from any thread.

    Each fault has its own random numbers. A request draws one for each fault that applies to it, in their order, up to
    the first that is triggered.
    """

    def __init__(self) -> None:
        self._active: list[_ActiveFault] = []
        self._lock = threading.Lock()

    def set(self, faults: Sequence[Fault]) -> None:
        """Replace the faults."""
        with self._lock:
            self._active = [_ActiveFault(fault, position) for position, fault in enumerate(faults)]

    def clear(self) -> None:
        """Remove every fault."""
        self.set([])

    def pending(self) -> list[dict[str, Any]]:
        """Return the faults as dicts, with the ``times`` that are left."""
        with self._lock:
            return [{**msgspec.structs.asdict(active.fault), "times": active.left} for active in self._active]

    def trigger(self, method: str, collection: str, *, paged: bool = False) -> Fault | None:
        """Return the fault that a request triggers, and count it; None: no fault.

        :param paged: the request reads a page of a list.
        """
        with self._lock:
            for active in self._active:
                if active.fault.applies_to(method, collection, paged=paged) and active.draw():
                    self._count(active)
                    return active.fault
        return None

    def _count(self, active: _ActiveFault) -> None:
        if active.left is None:
            return
        active.left -= 1
        if not active.left:
            self._active.remove(active)
