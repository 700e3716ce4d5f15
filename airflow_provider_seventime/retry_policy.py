"""Retry policy for Airflow tasks: waits as long as the API asks for, and does not retry permanent errors.

Airflow supports retry policies from version 3.3. On earlier versions this module cannot be imported. No other module
imports it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow import __version__ as airflow_version
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_3_PLUS

from airflow_provider_seventime.exceptions import AmbiguousWriteError, ConfigError, SevenTimeError

if not AIRFLOW_V_3_3_PLUS:
    raise ImportError(
        f"SevenTimeRetryPolicy needs Airflow 3.3 or later, and this is {airflow_version}. Leave retry_policy out: the "
        "operators end a task after a permanent error without it, and retry_delay sets the wait between tries."
    )

from airflow.providers.common.compat.sdk import RetryDecision, RetryPolicy

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

DAY_SECONDS = 86_400.0
# Airflow adds the wait to the present date, and the sum must be a date too.
MAX_WAIT_SECONDS = 365 * DAY_SECONDS

JITTER_FACTOR = 0.1
MIN_JITTER_SECONDS = 5.0


class SevenTimeRetryPolicy(RetryPolicy):
    """Retry policy that waits as long as the API asks for, and ends a task that a retry cannot help.

    ::

        default_args = {"retries": 4, "retry_delay": timedelta(minutes=1), "retry_policy": SevenTimeRetryPolicy()}

    Decisions after a failure:

    * A permanent error of this package (a refused key, an invalid record, a wrong connection) ends the task. Operators
      do this without a policy; the policy does it for functions that use the hook.
    * An ``AmbiguousWriteError`` ends the task, also if another exception was raised from it. A retry could send the
      same write twice.
    * An error with ``retry_after_seconds``, or raised from one, is retried after that time. A random addition of up to
      a tenth, or up to 5 seconds if that is more, spreads the retries of mapped tasks.
    * The task's own settings decide about every other error.

    ``retries`` remains the limit: the policy can end a task earlier, but does not add tries. ``retry_delay`` is the
    shortest wait. A wait that the API asks for does not grow with ``retry_exponential_backoff``, and
    ``longest_wait_seconds`` limits it instead of ``max_retry_delay``.

    To combine it with rules of your own, use ``ChainRetryPolicy`` of ``airflow.providers.common.compat.sdk``.

    :param longest_wait_seconds: the longest wait that the API may ask for, before the random addition. A longer one is
        cut to it. Defaults to a day, Airflow's own limit for a growing ``retry_delay``. None: no limit.
    :raises ConfigError: the longest wait is not above zero.
    """

    def __init__(self, *, longest_wait_seconds: float | None = DAY_SECONDS) -> None:
        if longest_wait_seconds is not None and not longest_wait_seconds > 0:
            raise ConfigError(
                f"longest_wait_seconds is {longest_wait_seconds}. Give a number above zero, or None for no limit"
            )
        self.longest_wait_seconds = longest_wait_seconds

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,  # noqa: ARG002 - Airflow's signature
        max_tries: int,  # noqa: ARG002
        context: Context | None = None,
    ) -> RetryDecision:
        """Return the decision after a failure. Airflow calls this on the worker.

        :param exception: the error of the task.
        :param try_number: number of the try, from 1; not used.
        :param max_tries: number of tries; not used, because Airflow enforces it.
        :param context: the task's context, for its ``retry_delay``. None: no shortest wait.
        """
        reason = reason_to_end(exception)
        if reason is not None:
            return RetryDecision.fail(reason)
        asked_seconds = retry_after_of(exception)
        if asked_seconds is None:
            return RetryDecision.default()
        seconds = wait_seconds(asked_seconds, self.longest_wait_seconds)
        if seconds <= _retry_delay_seconds(context):
            return RetryDecision.default()
        return RetryDecision.retry(
            timedelta(seconds=seconds),
            f"Seven Time asked to wait {asked_seconds:g} s; the next try follows in {seconds:.0f} s",
        )


def reason_to_end(error: BaseException) -> str | None:
    """Return the reason not to retry after an error. None: a retry may help."""
    for cause in _chain(error):
        if isinstance(cause, AmbiguousWriteError):
            return f"a retry could send the same write twice: {cause}"
    # Only the error itself: code that raises another exception from it may want a retry.
    if isinstance(error, SevenTimeError) and not error.transient:
        return f"a retry cannot help: {error}"
    return None


def retry_after_of(error: BaseException) -> float | None:
    """Return the seconds that the API asked to wait, from the error or its causes. None: it did not ask."""
    for cause in _chain(error):
        if isinstance(cause, SevenTimeError):
            seconds: float | None = getattr(cause, "retry_after_seconds", None)
            if seconds:
                return seconds
    return None


def wait_seconds(
    asked_seconds: float, longest_seconds: float | None, jitter: Callable[[], float] = random.random
) -> float:
    """Return the seconds to wait: as many as the API asked for, at most the longest wait, plus a random addition.

    :param asked_seconds: the seconds that the API asked for.
    :param longest_seconds: the longest wait. None: no limit.
    :param jitter: returns a random number from 0 to 1.
    """
    longest = MAX_WAIT_SECONDS if longest_seconds is None else min(longest_seconds, MAX_WAIT_SECONDS)
    seconds = min(asked_seconds, longest)
    return seconds + jitter() * max(MIN_JITTER_SECONDS, JITTER_FACTOR * seconds)


def _retry_delay_seconds(context: Mapping[str, Any] | None) -> float:
    task = (context or {}).get("task")
    return 0.0 if task is None else float(task.retry_delay.total_seconds())


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and its causes, each once: the chain of causes may be circular."""
    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:
        yield cause
        seen.append(cause)
        cause = cause.__cause__
