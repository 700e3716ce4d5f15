"""Prefetching: pages requested before they are needed, as many at once as latency and rate limit make useful."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Generic, TypeVar

from airflow_provider_seventime.api.listing.page import MAX_PAGES_AT_ONCE
from airflow_provider_seventime.api.rate_limit.clock import STOP_CHECK_SECONDS
from airflow_provider_seventime.exceptions import ConfigError

# Each page at once has a thread and memory of its own, so there are few until the reader had to wait for a page.
INITIAL_PAGES_AT_ONCE = 4
LONG_WAIT_SECONDS = 0.02
WEIGHT_OF_LATEST_LATENCY = 0.3

T = TypeVar("T")


def useful_concurrency(latency_seconds: float, interval_seconds: float) -> int:
    """Return how many requests are under way when one is sent in every interval. More would only wait for their turn.

    :param latency_seconds: time from a request to its response.
    :param interval_seconds: time between two requests at the rate limit.
    """
    if latency_seconds >= interval_seconds * MAX_PAGES_AT_ONCE:
        return MAX_PAGES_AT_ONCE
    return max(1, math.ceil(latency_seconds / interval_seconds) + 1)


class ConcurrencyLimit:
    """Limit of the requests of one read that are under way; the page with the lowest number goes first.

    A request holds a slot until the bytes of its response are here. Decoding, and waiting before a retry, hold none.

    :param limit: number of slots at first.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used = 0
        self._waiting: list[int] = []
        self._changed = threading.Condition()

    def set_limit(self, limit: int) -> None:
        """Change the number of slots. Requests that hold one keep it."""
        with self._changed:
            self._limit = limit
            self._changed.notify_all()

    def check_cancelled(self) -> None:
        """Wake the waiting threads, so that those of cancelled requests stop waiting."""
        with self._changed:
            self._changed.notify_all()

    @contextmanager
    def slot(self, number: int, cancelled: threading.Event) -> Iterator[None]:
        """Hold a slot during the block.

        :param number: number of the page.
        :param cancelled: set when the page is not needed any more. The block then begins at once and must send nothing.
        """
        with self._changed:
            self._waiting.append(number)
            self._changed.wait_for(lambda: cancelled.is_set() or self._is_next(number))
            self._waiting.remove(number)
            self._used += 1
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._used -= 1
                self._changed.notify_all()

    def _is_next(self, number: int) -> bool:
        return self._used < self._limit and number == min(self._waiting)


@dataclass(frozen=True, slots=True)
class PrefetchRequest:
    """Conditions of fetching one page.

    :param cancelled: set when the page is not needed any more; None: it cannot be cancelled.
    :param slot: returns a context that each attempt holds while it waits for the rate limit and the response.
    """

    cancelled: threading.Event | None = None
    slot: Callable[[], AbstractContextManager[None]] = nullcontext


class Prefetcher(Generic[T]):
    """Pages that are being fetched in threads: sent, decoded, waiting before a retry or for their turn.

    The first thread starts when two pages are needed at once. A thread fetches one page. Threads of pages that are not
    needed any more end by themselves and send nothing more. They are daemon threads, so that the process does not wait
    for their responses.

    :param fetch: returns the page of a number, and the seconds that its response took.
    :param interval_seconds: time between two requests at the rate limit.
    :param check_stopped: raises an error if the client is stopped; called twice a second while a page is awaited.
    :param monotonic: clock in seconds that never goes back.
    """

    def __init__(
        self,
        fetch: Callable[[int, PrefetchRequest], tuple[T, float]],
        interval_seconds: float,
        check_stopped: Callable[[], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._check_stopped = check_stopped
        self._pages_at_once = INITIAL_PAGES_AT_ONCE
        self._interval_seconds = interval_seconds
        self._latency_seconds: float | None = None
        self._process = os.getpid()
        self._cancelled = threading.Event()
        self._pages: dict[int, Future[tuple[T, float]]] = {}
        self._concurrency = ConcurrencyLimit(1)

    def prefetch(self, numbers: Sequence[int]) -> None:
        """Start fetching pages. If one of them must be retried, those behind it are fetched meanwhile.

        :param numbers: the page that is needed now, then the pages that follow if nothing changes.
        """
        if self._is_forked:
            return  # take() raises the error
        if self._pages and numbers[0] not in self._pages:
            self._cancel()  # the reader goes another way than expected
        concurrency = self._useful_concurrency()
        numbers = numbers[: self._pages_at_once]
        if concurrency == 1 or len(numbers) == 1:
            return
        self._concurrency.set_limit(concurrency)
        for number in numbers:
            if number not in self._pages:
                self._pages[number] = self._start(number)

    def take(self, number: int) -> T:
        """Return a page: wait for its prefetch, or fetch it now.

        :raises StoppedError: the client is stopped.
        :raises ConfigError: the read began in another process, and this one was forked from it.
        """
        if self._is_forked:
            raise ConfigError(
                f"This list was begun in the process {self._process}, which has the threads that fetch its pages; "
                f"the process {os.getpid()} was forked from it.\nBegin the list in the process that reads it"
            )
        prefetched = self._pages.pop(number, None)
        began_at = self._monotonic()
        page, seconds = self._fetch(number, PrefetchRequest()) if prefetched is None else self._result(prefetched)
        if self._monotonic() - began_at >= LONG_WAIT_SECONDS:
            self._pages_at_once = MAX_PAGES_AT_ONCE
        earlier = seconds if self._latency_seconds is None else self._latency_seconds
        self._latency_seconds = earlier + (seconds - earlier) * WEIGHT_OF_LATEST_LATENCY
        return page

    def close(self) -> None:
        """Cancel all pages. A thread in flight ends when its response arrives; nothing waits for it."""
        if not self._is_forked:  # a lock may be held by a thread of the parent
            self._cancel()

    @property
    def _is_forked(self) -> bool:
        return os.getpid() != self._process

    def _start(self, number: int) -> Future[tuple[T, float]]:
        page: Future[tuple[T, float]] = Future()
        arguments = (page, self._fetch, number, self._request(number))
        threading.Thread(target=_run, args=arguments, name=f"seventime-page-{number}", daemon=True).start()
        return page

    def _result(self, page: Future[tuple[T, float]]) -> tuple[T, float]:
        while not wait((page,), STOP_CHECK_SECONDS).done:
            self._check_stopped()
        return page.result()

    def _request(self, number: int) -> PrefetchRequest:
        cancelled = self._cancelled
        return PrefetchRequest(cancelled, lambda: self._concurrency.slot(number, cancelled))

    def _cancel(self) -> None:
        self._cancelled.set()
        for page in self._pages.values():
            page.cancel()
        self._pages.clear()
        self._cancelled = threading.Event()
        self._concurrency.check_cancelled()

    def _useful_concurrency(self) -> int:
        if self._latency_seconds is None:
            return 1
        return useful_concurrency(self._latency_seconds, self._interval_seconds)


def _run(
    page: Future[tuple[T, float]],
    fetch: Callable[[int, PrefetchRequest], tuple[T, float]],
    number: int,
    request: PrefetchRequest,
) -> None:
    """Fetch a page and set it, or its error, as the result of a future."""
    if not page.set_running_or_notify_cancel():
        return
    try:
        page.set_result(fetch(number, request))
    except BaseException as error:  # noqa: BLE001 - the reader of the page raises it
        page.set_exception(error)
        # The error refers to this frame, and this frame would refer to the error by way of the future.
        del page
