"""What is safe to repeat, how long to wait before, and when to give up: decisions without I/O."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime

from airflow_provider_seventime.api.http.http_dates import read_http_date
from airflow_provider_seventime.exceptions import (
    ApiError,
    ProtocolError,
    RateLimitedError,
    ServerError,
    SevenTimeError,
    TransportError,
)

ATTEMPTS = 6
TOTAL_SECONDS = 180.0
FIRST_WAIT_SECONDS = 0.5
WAITS_GROW_BY = 3.0
LONGEST_WAIT_SECONDS = 30.0
LONGEST_RETRY_AFTER_SECONDS = 120.0
# Beyond a year a header means nothing, and no calendar adds it to the present.
FURTHEST_RETRY_AFTER_SECONDS = 366 * 86_400.0


def certainly_not_done(error: SevenTimeError) -> bool:
    """Tell whether a request that failed so has certainly changed nothing.

    A 429 is refused before any work is done; without a connection nothing arrived.
    """
    return isinstance(error, RateLimitedError) or (isinstance(error, TransportError) and not error.sent)


def may_repeat(method: str, error: BaseException) -> bool:
    """Tell whether a failed request may be sent again as it is.

    GET, PUT and DELETE come to the same when repeated; a POST is repeated only when the first certainly did nothing.
    Where the API wants to be left alone for longer than a task should sit and wait, nothing is repeated here: the error
    carries ``retry_after_seconds`` for the task's own retry.
    """
    if not isinstance(error, SevenTimeError) or not error.transient:
        return False
    if _asked_seconds(error) > LONGEST_RETRY_AFTER_SECONDS:
        return False
    if certainly_not_done(error):
        return True
    return method != "POST" and isinstance(error, ServerError | TransportError | ProtocolError)


def wait_seconds(attempt: int, error: BaseException | None, jitter: Callable[[], float] = random.random) -> float:
    """Return how long to wait before the next attempt.

    :param attempt: how many were made, from 1.
    :param error: the last one's error; a ``Retry-After`` that it carries is honoured.
    :param jitter: source of a number from 0 to 1.
    """
    asked = _asked_seconds(error)
    if asked:
        return asked
    longest = min(FIRST_WAIT_SECONDS * WAITS_GROW_BY ** (attempt - 1), LONGEST_WAIT_SECONDS)
    return longest * (0.5 + jitter() / 2)


def _asked_seconds(error: BaseException | None) -> float:
    return float(error.retry_after_seconds or 0) if isinstance(error, ApiError) else 0.0


def read_retry_after(text: str | None, now: datetime | None = None) -> float | None:
    """Read a ``Retry-After`` header: seconds, or an HTTP date (RFC 9110, 10.2.3).

    :param text: the header; None where there is none.
    :param now: the present, for dates; None: the machine's.
    :return: seconds above zero, a year at most; None where it is missing, unreadable, zero or past, so that backoff
        takes over.
    """
    if not text:
        return None
    stripped = text.strip()
    if stripped.isascii() and stripped.isdigit():
        return min(float(stripped), FURTHEST_RETRY_AFTER_SECONDS) or None
    moment = read_http_date(stripped)
    if moment is None:
        return None
    seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    return min(seconds, FURTHEST_RETRY_AFTER_SECONDS) if seconds > 0 else None
