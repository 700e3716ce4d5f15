"""When Airflow tries a task again: no sooner than Seven Time asked, and not at all where that cannot help.

Airflow has retry policies from version 3.3 on. Before it this module cannot be imported, and nothing else imports it.
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
        "operators end a task by themselves where trying again cannot help, and retry_delay says how long to wait."
    )

from airflow.providers.common.compat.sdk import RetryDecision, RetryPolicy

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

DAY_SECONDS = 86_400.0
# Airflow adds the wait to a date: this is as good as for ever and still a date.
LONGEST_POSSIBLE_SECONDS = 365 * DAY_SECONDS

SPREAD = 0.1
LEAST_SPREAD_SECONDS = 5.0


class SevenTimeRetryPolicy(RetryPolicy):
    """Try again when Seven Time asked to, and end the task where trying again cannot help.

    ::

        default_args = {"retries": 4, "retry_delay": timedelta(minutes=1), "retry_policy": SevenTimeRetryPolicy()}

    What it decides when a task has failed:

    * a permanent error of this package (a refused key, an invalid record, a wrong connection) ends the task. Operators
      do so by themselves; this is for hooks in functions of your own;
    * an ``AmbiguousWriteError`` ends it too, even when another exception was raised from it: another try could send
      the same write twice;
    * an error that carries ``retry_after_seconds``, or was raised from one that does, is tried again after that time
      and a little more (up to a tenth, at least up to 5 seconds), so that mapped tasks do not come back together;
    * everything else is left to the task's own settings.

    ``retries`` stays the limit: the policy can end a task earlier, never try it more often. ``retry_delay`` is the
    shortest wait: what the API asked for counts where it is longer. An asked wait does not grow with
    ``retry_exponential_backoff`` and is not cut by ``max_retry_delay``, but by ``longest_wait_seconds``.

    For rules of your own next to these, put both into ``ChainRetryPolicy`` of ``airflow.providers.common.compat.sdk``.

    :param longest_wait_seconds: the longest wait taken over from the API; one that is longer is cut to it, and the
        spread comes on top. Defaults to a day, Airflow's own limit for a growing ``retry_delay``. None: no limit.
    :raises ConfigError: the longest wait is not above zero.
    """

    def __init__(self, *, longest_wait_seconds: float | None = DAY_SECONDS) -> None:
        if longest_wait_seconds is not None and not longest_wait_seconds > 0:
            raise ConfigError(
                f"longest_wait_seconds is {longest_wait_seconds}: write a number above zero, or None for no limit"
            )
        self.longest_wait_seconds = longest_wait_seconds

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,  # noqa: ARG002 - Airflow's signature
        max_tries: int,  # noqa: ARG002
        context: Context | None = None,
    ) -> RetryDecision:
        """Decide what follows a failure; Airflow calls this on the worker.

        :param exception: what the task failed with.
        :param try_number: which try it was, from 1; does not count here.
        :param max_tries: how many there are; Airflow keeps to it by itself.
        :param context: the task's context, for its ``retry_delay``. None: there is none to keep to.
        """
        reason = reason_to_end(exception)
        if reason is not None:
            return RetryDecision.fail(reason)
        asked = asked_seconds(exception)
        if asked is None:
            return RetryDecision.default()
        wait = wait_seconds(asked, self.longest_wait_seconds)
        if wait <= _own_delay_seconds(context):
            return RetryDecision.default()
        return RetryDecision.retry(
            timedelta(seconds=wait), f"Seven Time asked to wait {asked:g} s; the next try follows in {wait:.0f} s"
        )


def reason_to_end(error: BaseException) -> str | None:
    """Return why trying again cannot help, or must not be done; None: it may help."""
    for cause in _chain(error):
        if isinstance(cause, AmbiguousWriteError):
            return f"another try could send the same write twice: {cause}"
    # Only the error itself: who raises another one from it may well want the task to be tried again.
    if isinstance(error, SevenTimeError) and not error.transient:
        return f"trying again cannot help: {error}"
    return None


def asked_seconds(error: BaseException) -> float | None:
    """Return how long the API asked to wait, by the error or by what it was raised from; None: it did not ask."""
    for cause in _chain(error):
        if isinstance(cause, SevenTimeError):
            asked: float | None = getattr(cause, "retry_after_seconds", None)
            if asked:
                return asked
    return None


def wait_seconds(
    asked_seconds: float, longest_seconds: float | None, jitter: Callable[[], float] = random.random
) -> float:
    """Return how long to wait: as long as asked, cut to the longest wait, and spread a little.

    :param asked_seconds: what the API asked for.
    :param longest_seconds: the longest wait taken over; None: no limit.
    :param jitter: source of a number from 0 to 1.
    """
    longest = LONGEST_POSSIBLE_SECONDS if longest_seconds is None else min(longest_seconds, LONGEST_POSSIBLE_SECONDS)
    wait = min(asked_seconds, longest)
    return wait + jitter() * max(LEAST_SPREAD_SECONDS, SPREAD * wait)


def _own_delay_seconds(context: Mapping[str, Any] | None) -> float:
    task = (context or {}).get("task")
    return 0.0 if task is None else float(task.retry_delay.total_seconds())


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it was raised from, each once: causes may go round in a circle."""
    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:
        yield cause
        seen.append(cause)
        cause = cause.__cause__
