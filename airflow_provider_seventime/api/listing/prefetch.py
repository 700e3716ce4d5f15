"""Pages asked for ahead of their turn, as many at once as the latency asks for at the budget's pace."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Generic, TypeVar

from airflow_provider_seventime.api.listing.complete_read import MOST_TOGETHER
from airflow_provider_seventime.api.listing.lanes import ConcurrencyLimit

MOST_IN_FLIGHT = MOST_TOGETHER
# Each page under way has a thread and memory of its own, so there are few until it is seen that more are worth it.
FEW = 4
LONG_WAIT_SECONDS = 0.02
# How much the latest answer counts in the latency that is reckoned with.
SHARE_OF_LATEST = 0.3

Landed = TypeVar("Landed")


def enough_in_flight(latency_seconds: float, interval_seconds: float) -> int:
    """Return how many requests are on their way at once when one leaves every interval: more would only queue.

    :param latency_seconds: how long an answer takes.
    :param interval_seconds: the budget's spacing of requests.
    """
    if latency_seconds >= interval_seconds * MOST_IN_FLIGHT:
        return MOST_IN_FLIGHT
    return max(1, math.ceil(latency_seconds / interval_seconds) + 1)


@dataclass(frozen=True, slots=True)
class PrefetchRequest:
    """How a page is wanted.

    :param unwanted: set when the page is no longer wanted; None: it is waited for.
    :param lane: returns what is to be held from before a request is sent until the bytes of its answer are here.
    """

    unwanted: threading.Event | None = None
    lane: Callable[[], AbstractContextManager[None]] = nullcontext


class Prefetcher(Generic[Landed]):
    """Pages that are under way: on their way, being decoded, tried again or waiting for their turn.

    Threads are started when a second page is wanted at the same time, and none is left when this is closed.

    :param fetch: returns the page of a number and how many seconds its answer took.
    :param interval_seconds: the budget's spacing of requests.
    :param monotonic: seconds that never go back.
    """

    def __init__(
        self,
        fetch: Callable[[int, PrefetchRequest], tuple[Landed, float]],
        interval_seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._most = FEW
        self._interval_seconds = interval_seconds
        self._latency_seconds: float | None = None
        self._unwanted = threading.Event()
        self._under_way: dict[int, Future[tuple[Landed, float]]] = {}
        self._lanes = ConcurrencyLimit(1)
        self._threads: ThreadPoolExecutor | None = None

    def ask(self, numbers: Sequence[int]) -> None:
        """Have pages under way: those behind a page that is tried again go on meanwhile, and wait for their turn.

        :param numbers: the page wanted now, then those that will be wanted after it if nothing comes in between.
        """
        if self._under_way and numbers[0] not in self._under_way:
            # What was asked for was for another course of the reading.
            self._abandon()
        room = self._room()
        wanted = numbers[: self._most]
        if room == 1 or len(wanted) == 1:
            return
        self._lanes.widen(room)
        for number in wanted:
            if number not in self._under_way:
                self._under_way[number] = self._pool().submit(self._fetch, number, self._wish(number))

    def take(self, number: int) -> Landed:
        """Return a page: the one that is under way, or asked for now."""
        flight = self._under_way.pop(number, None)
        begun = self._monotonic()
        page, seconds = self._fetch(number, PrefetchRequest()) if flight is None else flight.result()
        if self._monotonic() - begun >= LONG_WAIT_SECONDS:
            self._most = MOST_TOGETHER
        before = seconds if self._latency_seconds is None else self._latency_seconds
        self._latency_seconds = before + (seconds - before) * SHARE_OF_LATEST
        return page

    def close(self) -> None:
        """Let go of what is under way, and wait until nothing is."""
        self._abandon()
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)

    def _wish(self, number: int) -> PrefetchRequest:
        unwanted = self._unwanted
        return PrefetchRequest(unwanted, lambda: self._lanes.lane(number, unwanted))

    def _abandon(self) -> None:
        self._unwanted.set()
        for flight in self._under_way.values():
            flight.cancel()
        self._under_way.clear()
        self._unwanted = threading.Event()
        self._lanes.wake()

    def _room(self) -> int:
        if self._latency_seconds is None:
            return 1
        return enough_in_flight(self._latency_seconds, self._interval_seconds)

    def _pool(self) -> ThreadPoolExecutor:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(MOST_TOGETHER, thread_name_prefix="seventime-pages")
        return self._threads
