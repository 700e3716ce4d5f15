"""Retry rules of a request: which failures are retried, after how long, and until when. No I/O."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from airflow_provider_seventime.exceptions import (
    ApiError,
    ProtocolError,
    RateLimitedError,
    ServerError,
    SevenTimeError,
    TransportError,
)

MAX_ATTEMPTS = 6
MAX_RETRY_SECONDS = 180.0
FIRST_BACKOFF_SECONDS = 0.5
BACKOFF_FACTOR = 3.0
MAX_BACKOFF_SECONDS = 30.0
# A task waits at most this long for a ``Retry-After``. Beyond it the task fails and Airflow retries it.
MAX_RETRY_AFTER_SECONDS = 120.0
# Greater values of the header are cut to a year: the sum of the present and a huge number is no date.
RETRY_AFTER_LIMIT_SECONDS = 366 * 86_400.0


def certainly_not_executed(error: SevenTimeError) -> bool:
    """Return True if the API certainly did not execute the request that failed with this error.

    This is so after a 429, which the API answers before it does any work, and when nothing of the request was sent.
    """
    return isinstance(error, RateLimitedError) or (isinstance(error, TransportError) and not error.sent)


def may_retry(method: str, error: BaseException) -> bool:
    """Return True if the same request may be sent again after this error.

    GET, PUT and DELETE are idempotent. A POST is retried only if the API certainly did not execute it. No request is
    retried if ``Retry-After`` asks for more than two minutes: the error then carries ``retry_after_seconds`` for
    Airflow's own retry.

    :param method: HTTP method; ``GET`` for a POST that changes nothing.
    :param error: the error of the last attempt.
    """
    if not isinstance(error, SevenTimeError) or not error.transient:
        return False
    if _retry_after_seconds(error) > MAX_RETRY_AFTER_SECONDS:
        return False
    if certainly_not_executed(error):
        return True
    return method != "POST" and isinstance(error, ServerError | TransportError | ProtocolError)


def backoff_seconds(attempt: int, error: BaseException | None, jitter: Callable[[], float] = random.random) -> float:
    """Return the seconds to wait before the next attempt.

    Without a ``Retry-After`` the wait is exponential with jitter: up to 0.5 s, 1.5 s, 4.5 s and so on to 30 s, and at
    least half of that.

    :param attempt: number of attempts so far, from 1.
    :param error: error of the last attempt; its ``retry_after_seconds`` takes precedence. None: no error.
    :param jitter: returns a random number from 0 to 1.
    """
    asked_seconds = _retry_after_seconds(error)
    if asked_seconds:
        return asked_seconds
    longest = min(FIRST_BACKOFF_SECONDS * BACKOFF_FACTOR ** (attempt - 1), MAX_BACKOFF_SECONDS)
    return longest * (0.5 + jitter() / 2)


def _retry_after_seconds(error: BaseException | None) -> float:
    return float(error.retry_after_seconds or 0) if isinstance(error, ApiError) else 0.0


def parse_retry_after(text: str | None, now: datetime | None = None) -> float | None:
    """Parse a ``Retry-After`` header: seconds, or an HTTP date (RFC 9110, 10.2.3).

    :param text: value of the header; None: the header is missing.
    :param now: the response's ``Date`` (aware), with which a date is compared; None: the machine's clock.
    :return: seconds above zero, at most a year. None if the value is missing, malformed, zero or in the past.
    """
    if not text:
        return None
    stripped = text.strip()
    if stripped.isascii() and stripped.isdigit():
        return min(float(stripped), RETRY_AFTER_LIMIT_SECONDS) or None
    moment = parse_http_date(stripped)
    if moment is None:
        return None
    seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    return min(seconds, RETRY_AFTER_LIMIT_SECONDS) if seconds > 0 else None


def parse_http_date(text: str) -> datetime | None:
    """Parse a date of an HTTP header (RFC 9110, 5.6.7). A date without a zone is in UTC, as every date of HTTP.

    :param text: value of the header.
    :return: the instant (aware); None if the text is no date.
    """
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
