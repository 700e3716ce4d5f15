"""Requests in the pace of the budget, repeated where that is safe, counted."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import Any

from tenacity import RetryCallState, Retrying, retry_if_exception

from airflow_provider_seventime.api.answers import read_answer
from airflow_provider_seventime.api.budgets import budget_for
from airflow_provider_seventime.api.clock import Clock
from airflow_provider_seventime.api.pacing import Budget
from airflow_provider_seventime.api.redaction import Secrets
from airflow_provider_seventime.api.retries import (
    LONGEST_RETRY_AFTER_SECONDS,
    TOTAL_SECONDS,
    certainly_not_done,
    may_repeat,
    wait_seconds,
)
from airflow_provider_seventime.api.settings import Settings
from airflow_provider_seventime.api.transport import Request, Transport
from airflow_provider_seventime.exceptions import RateLimitedError, SevenTimeError

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Statistics:
    """What a client has done.

    :param requests: requests sent.
    :param waited_seconds: time spent waiting for the budget.
    :param rejections: answers 429.
    """

    requests: int = 0
    waited_seconds: float = 0.0
    rejections: int = 0


class Caller:
    """Sends requests and returns what their answers hold.

    :param settings: the connection.
    :param clock: what waiting goes by.
    :param attempts: how often a request is sent at most, where repeating it is safe.
    """

    def __init__(self, settings: Settings, clock: Clock, attempts: int) -> None:
        self.statistics = Statistics()
        self._secrets = Secrets(settings.api_key)
        self._clock = clock
        self._attempts = attempts
        self._transport = Transport(settings)
        self._budget: Budget = budget_for(settings, clock)
        self._counting = threading.Lock()

    def call(self, request: Request, in_doubt: threading.Event | None = None) -> Any:
        """Send a request, again where that is safe, and return what the answer holds.

        :param request: what is sent.
        :param in_doubt: set when an attempt failed that may have done its work all the same.
        :raises SevenTimeError: the last attempt's error.
        """
        method = "GET" if request.reads_only else request.method
        deadline = self._clock.monotonic() + TOTAL_SECONDS

        def note(state: RetryCallState) -> None:
            error = _error_of(state)
            if in_doubt and isinstance(error, SevenTimeError) and not certainly_not_done(error):
                in_doubt.set()
            seconds = state.next_action.sleep if state.next_action else 0.0
            logger.warning("Attempt %d failed, the next follows in %.1f s: %s", state.attempt_number, seconds, error)

        return Retrying(
            retry=retry_if_exception(lambda error: may_repeat(method, error)),
            wait=lambda state: wait_seconds(state.attempt_number, _error_of(state)),
            stop=lambda state: state.attempt_number >= self._attempts or self._clock.monotonic() >= deadline,
            sleep=self._clock.sleep,
            before_sleep=note,
            reraise=True,
        )(self._send, request)

    def close(self) -> None:
        """Close the connections; the caller may be used again."""
        self._transport.close()

    def _send(self, request: Request) -> Any:
        waited_seconds = self._budget.acquire()
        with self._counting:
            self.statistics.requests += 1
            self.statistics.waited_seconds += waited_seconds
        answer = self._transport.send(request)
        try:
            return read_answer(
                request.method,
                request.path,
                status=answer.status,
                headers=answer.headers,
                body=answer.body,
                secrets=self._secrets,
            )
        except RateLimitedError as error:
            with self._counting:
                self.statistics.rejections += 1
            self._budget.slow_down(min(error.retry_after_seconds or 1.0, LONGEST_RETRY_AFTER_SECONDS))
            raise


def _error_of(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
