"""Requester: sends requests within the rate limit, retries those that may be repeated, and counts them."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tenacity import RetryCallState, Retrying, retry_if_exception

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.api.http.redaction import Secrets
from airflow_provider_seventime.api.http.responses import decode_response
from airflow_provider_seventime.api.http.retry import (
    MAX_RETRY_AFTER_SECONDS,
    MAX_RETRY_SECONDS,
    backoff_seconds,
    certainly_not_executed,
    may_retry,
    parse_http_date,
)
from airflow_provider_seventime.api.http.server_clock import ServerClock
from airflow_provider_seventime.api.http.transport import Request, Response, Transport
from airflow_provider_seventime.api.rate_limit.clock import Clock, StopFlag
from airflow_provider_seventime.api.rate_limit.rate import RateLimiter, Turn
from airflow_provider_seventime.api.settings import Settings
from airflow_provider_seventime.exceptions import RateLimitedError, SevenTimeError
from airflow_provider_seventime.per_process import PerProcess

logger = logging.getLogger(__name__)

CANCELLATION_POLL_SECONDS = 0.5


@dataclass(slots=True)
class Statistics:
    """Counters of a client.

    :param requests: requests sent.
    :param waited_seconds: time spent waiting for the rate limit. Time in which several requests wait counts once.
    :param rejections: responses with status 429.
    """

    requests: int = 0
    waited_seconds: float = 0.0
    rejections: int = 0


@dataclass(frozen=True, slots=True)
class DecodedResponse:
    """Response of the API, decoded.

    :param content: the decoded body.
    :param server_time: the response's ``Date`` (aware); None if it has none.
    :param latency_seconds: duration of the last attempt, without its wait for the rate limit.
    """

    content: Any
    server_time: datetime | None
    latency_seconds: float


class RequestCancelled(Exception):  # noqa: N818 - not an error
    """The request was cancelled before it was sent. It never leaves the thread that sends the request."""


class Requester:
    """Sends requests and returns their decoded responses. Threads may share it.

    :param settings: the connection.
    :param clock: clock for waits and latencies.
    :param attempts: maximum number of attempts of a request that may be retried.
    :param rate_limiter: gives each attempt its turn.
    :param stop: flag of the client. Once it is set, no attempt is sent.
    :ivar clock_ahead_seconds: seconds by which the server's clock was ahead of this machine's at the newest response,
        exact to a second. None: no response had a date.
    """

    def __init__(
        self, settings: Settings, clock: Clock, attempts: int, rate_limiter: RateLimiter, stop: StopFlag
    ) -> None:
        self.statistics = Statistics()
        self.clock_ahead_seconds: float | None = None
        self.server_clock = ServerClock(clock.monotonic)
        self._secrets = Secrets(settings.api_key)
        self._clock = clock
        self._attempts = attempts
        self._transport = Transport(settings, stop)
        self._stop = stop
        self._rate_limiter = rate_limiter
        self._statistics_lock = PerProcess(threading.Lock)
        self._waited_until = -math.inf

    def request(
        self,
        request: Request,
        *,
        decode: Callable[[bytes], Any] = exact_json.decode,
        outcome_unknown: threading.Event | None = None,
        cancelled: threading.Event | None = None,
        slot: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> DecodedResponse:
        """Send a request, retry it where that is safe, and return the response.

        :param request: the request.
        :param decode: decodes the body of a success; raises ValueError if it is malformed. Defaults to JSON.
        :param outcome_unknown: set before a retry if the API may have executed the failed attempt. None: not reported.
        :param cancelled: cancels the request when set. It is checked before each attempt and twice a second while
            waiting for one. None: the request cannot be cancelled.
        :param slot: returns a context that each attempt holds while it waits for the rate limit and the response.
        :raises RequestCancelled: ``cancelled`` is set.
        :raises StoppedError: the client is stopped.
        :raises SevenTimeError: the last attempt failed.
        """
        for attempt in self.attempts(request, outcome_unknown=outcome_unknown, cancelled=cancelled):
            with attempt:
                # Returns from inside the loop: a Retrying that runs on after a success refers to itself, and a long
                # read would leave thousands of them to the garbage collector.
                with slot():
                    _check_cancelled(cancelled)
                    self.wait_turn()
                    _check_cancelled(cancelled)
                    response = self._transport_response(request)
                return self._decoded(request, response, decode)
        raise RuntimeError("not reached: with reraise=True the loop ends with a response or an error")

    def attempts(
        self,
        request: Request,
        *,
        outcome_unknown: threading.Event | None = None,
        cancelled: threading.Event | None = None,
    ) -> Retrying:
        """Return the attempts of a request, to iterate over; each waits before it as the retry rules say.

        ::

            for attempt in requester.attempts(request):
                with attempt:
                    requester.wait_turn()
                    return requester.send(request)

        :param request: the request. Of a POST only an attempt that the API certainly did not execute is retried.
        :param outcome_unknown: as for :meth:`request`.
        :param cancelled: as for :meth:`request`.
        """
        method = "GET" if request.reads_only else request.method
        deadline = self._clock.monotonic() + MAX_RETRY_SECONDS

        def before_retry(state: RetryCallState) -> None:
            error = _error_of(state)
            if outcome_unknown and isinstance(error, SevenTimeError) and not certainly_not_executed(error):
                outcome_unknown.set()
            self._stop.check()
            # The text and not the error: a stored log record would keep every frame in the error's traceback alive.
            text = str(error)
            logger.warning(
                "Attempt %d failed; retrying in %.1f s: %s", state.attempt_number, state.upcoming_sleep, text
            )

        return Retrying(
            retry=retry_if_exception(lambda error: may_retry(method, error)),
            wait=lambda state: backoff_seconds(state.attempt_number, _error_of(state)),
            stop=lambda state: state.attempt_number >= self._attempts or self._clock.monotonic() >= deadline,
            sleep=lambda seconds: self._sleep(seconds, cancelled),
            before_sleep=before_retry,
            reraise=True,
        )

    def wait_turn(self) -> Turn:
        """Wait for the next turn of the rate limit, and count it.

        :raises StoppedError: the client is stopped.
        """
        self._stop.check()
        turn = self._rate_limiter.acquire_turn()
        now = self._clock.monotonic()
        with self._statistics_lock.value:
            # Several requests may wait at the same time: that time counts once.
            self.statistics.waited_seconds += min(turn.waited_seconds, max(0.0, now - self._waited_until))
            self._waited_until = now
        return turn

    def send(self, request: Request) -> DecodedResponse:
        """Send a request once, in the turn that :meth:`wait_turn` has waited for.

        :raises StoppedError: the client is stopped, and nothing was sent.
        :raises SevenTimeError: the attempt failed.
        """
        return self._decoded(request, self._transport_response(request), exact_json.decode)

    def _sleep(self, seconds: float, cancelled: threading.Event | None) -> None:
        if cancelled is None:
            self._clock.sleep(seconds)
            return
        while seconds > 0 and not cancelled.is_set():
            self._clock.sleep(min(seconds, CANCELLATION_POLL_SECONDS))
            seconds -= CANCELLATION_POLL_SECONDS

    def check_stopped(self) -> None:
        """Raise an error if the client is stopped.

        :raises StoppedError: it is.
        """
        self._stop.check()

    def abort(self) -> None:
        """Shut down the connections: a request in flight fails at once, in whatever thread it waits."""
        self._transport.abort()

    def close(self) -> None:
        """Close the connections. A later request opens new ones."""
        self._transport.close()

    def _transport_response(self, request: Request) -> tuple[Response, float]:
        """Send a request and return the response and its latency in seconds."""
        self._stop.check()
        sent_at = self._clock.monotonic()
        with self._statistics_lock.value:
            self.statistics.requests += 1
        response = self._transport.send(request)
        self.server_clock.observe(response.headers.get("date"))
        return response, self._clock.monotonic() - sent_at

    def _decoded(
        self, request: Request, received: tuple[Response, float], decode: Callable[[bytes], Any]
    ) -> DecodedResponse:
        response, latency_seconds = received
        try:
            content = decode_response(
                request.method,
                request.path,
                status=response.status,
                headers=response.headers,
                body=response.body,
                secrets=self._secrets,
                decode=decode,
            )
        except RateLimitedError as error:
            with self._statistics_lock.value:
                self.statistics.rejections += 1
            self._rate_limiter.slow_down(min(error.retry_after_seconds or 1.0, MAX_RETRY_AFTER_SECONDS))
            raise
        server_time = parse_http_date(response.headers.get("date", ""))
        if server_time is not None:
            self.clock_ahead_seconds = (server_time - datetime.now(UTC)).total_seconds()
        return DecodedResponse(content, server_time, latency_seconds)


def _check_cancelled(cancelled: threading.Event | None) -> None:
    if cancelled is not None and cancelled.is_set():
        raise RequestCancelled


def _error_of(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
