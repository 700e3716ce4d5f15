"""Requests in the pace of the budget, repeated where that is safe, counted."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from tenacity import RetryCallState, Retrying, retry_if_exception

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.api.http.clock import Clock
from airflow_provider_seventime.api.http.http_dates import read_http_date
from airflow_provider_seventime.api.http.redaction import Secrets
from airflow_provider_seventime.api.http.responses import decode_response
from airflow_provider_seventime.api.http.retry import (
    LONGEST_RETRY_AFTER_SECONDS,
    TOTAL_SECONDS,
    certainly_not_done,
    may_repeat,
    wait_seconds,
)
from airflow_provider_seventime.api.http.transport import Answer, Request, Transport
from airflow_provider_seventime.api.settings import Settings
from airflow_provider_seventime.exceptions import RateLimitedError, SevenTimeError

logger = logging.getLogger(__name__)

LOOK_UP_EVERY_SECONDS = 0.5


@dataclass(slots=True)
class Statistics:
    """What a client has done.

    :param requests: requests sent.
    :param waited_seconds: time spent waiting for the budget; what several requests wait together counts once.
    :param rejections: answers 429.
    """

    requests: int = 0
    waited_seconds: float = 0.0
    rejections: int = 0


@dataclass(frozen=True, slots=True)
class DecodedResponse:
    """What a request came to.

    :param content: what the answer holds.
    :param answered_at: when it was given, by the server's clock (aware); None: it did not say.
    :param latency_seconds: how long the last attempt's answer took, without the wait for the budget.
    """

    content: Any
    answered_at: datetime | None
    latency_seconds: float


class RequestCancelled(Exception):  # noqa: N818 - not an error
    """Nobody waits for this request any more; it goes no further than the thread that it was for."""


class Turns(Protocol):
    """Rate limiter of an API key."""

    def acquire(self) -> float:
        """Wait for the next turn and return the seconds waited."""

    def slow_down(self, pause_seconds: float) -> None:
        """Pause every request of the key after the API answered 429."""


class Requester:
    """Sends requests and returns what their answers hold.

    :param settings: the connection.
    :param clock: what waiting goes by.
    :param attempts: how often a request is sent at most, where repeating it is safe.
    :param rate_limiter: gives each request its turn.
    """

    def __init__(self, settings: Settings, clock: Clock, attempts: int, rate_limiter: Turns) -> None:
        self.statistics = Statistics()
        self._secrets = Secrets(settings.api_key)
        self._clock = clock
        self._attempts = attempts
        self._transport = Transport(settings)
        self._rate_limiter = rate_limiter
        self._counting = threading.Lock()
        self._waited_until = -math.inf

    def call(self, request: Request, in_doubt: threading.Event | None = None) -> Any:
        """Send a request, again where that is safe, and return what the answer holds.

        :param request: what is sent.
        :param in_doubt: set when an attempt failed that may have done its work all the same.
        :raises SevenTimeError: the last attempt's error.
        """
        return self.ask(request, in_doubt).content

    def ask(
        self,
        request: Request,
        in_doubt: threading.Event | None = None,
        *,
        decode: Callable[[bytes], Any] = exact_json.decode,
        unwanted: threading.Event | None = None,
        lane: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> DecodedResponse:
        """Do as :meth:`call` does, and return also when the answer was given.

        :param decode: reads the body of a success.
        :param unwanted: set when nobody waits for the answer any more; it is looked at before each attempt and while
            waiting. None: somebody waits to the end.
        :param lane: returns what each attempt holds from before it waits for the budget until its answer is here.
        :raises RequestCancelled: nobody does.
        """
        method = "GET" if request.reads_only else request.method
        deadline = self._clock.monotonic() + TOTAL_SECONDS

        def note(state: RetryCallState) -> None:
            error = _error_of(state)
            if in_doubt and isinstance(error, SevenTimeError) and not certainly_not_done(error):
                in_doubt.set()
            seconds = state.next_action.sleep if state.next_action else 0.0
            logger.warning("Attempt %d failed, the next follows in %.1f s: %s", state.attempt_number, seconds, error)

        retrying = Retrying(
            retry=retry_if_exception(lambda error: may_repeat(method, error)),
            wait=lambda state: wait_seconds(state.attempt_number, _error_of(state)),
            stop=lambda state: state.attempt_number >= self._attempts or self._clock.monotonic() >= deadline,
            sleep=lambda seconds: self._sleep(seconds, unwanted),
            before_sleep=note,
            reraise=True,
        )
        try:
            return retrying(self._send, request, decode, unwanted, lane)
        finally:
            # It refers to itself by what it would have done next: a long read would leave thousands to the collector.
            retrying.iter_state.reset()

    def _sleep(self, seconds: float, unwanted: threading.Event | None) -> None:
        if unwanted is None:
            self._clock.sleep(seconds)
            return
        while seconds > 0 and not unwanted.is_set():
            self._clock.sleep(min(seconds, LOOK_UP_EVERY_SECONDS))
            seconds -= LOOK_UP_EVERY_SECONDS

    def close(self) -> None:
        """Close the connections; the caller may be used again."""
        self._transport.close()

    def _send(
        self,
        request: Request,
        decode: Callable[[bytes], Any],
        unwanted: threading.Event | None,
        lane: Callable[[], AbstractContextManager[None]],
    ) -> DecodedResponse:
        with lane():
            if unwanted is not None and unwanted.is_set():
                raise RequestCancelled
            answer, latency_seconds = self._send_in_turn(request)
        try:
            content = decode_response(
                request.method,
                request.path,
                status=answer.status,
                headers=answer.headers,
                body=answer.body,
                secrets=self._secrets,
                decode=decode,
            )
        except RateLimitedError as error:
            with self._counting:
                self.statistics.rejections += 1
            self._rate_limiter.slow_down(min(error.retry_after_seconds or 1.0, LONGEST_RETRY_AFTER_SECONDS))
            raise
        return DecodedResponse(content, read_http_date(answer.headers.get("date", "")), latency_seconds)

    def _send_in_turn(self, request: Request) -> tuple[Answer, float]:
        waited_seconds = self._rate_limiter.acquire()
        begun = self._clock.monotonic()
        with self._counting:
            self.statistics.requests += 1
            # Several requests may wait at the same time: that time counts once.
            self.statistics.waited_seconds += min(waited_seconds, max(0.0, begun - self._waited_until))
            self._waited_until = begun
        answer = self._transport.send(request)
        return answer, self._clock.monotonic() - begun


def _error_of(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
