"""Outcome of a task after an error of the API: permanent errors end it without retries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_seventime.exceptions import SevenTimeError


class PermanentTaskError(SevenTimeError, AirflowFailException):
    """Permanent failure. Airflow ends the task without using up its retries.

    It has the text of the original error, which is its ``__cause__``.
    """


@contextmanager
def permanent_failures_end_the_task() -> Iterator[None]:
    """Convert permanent errors to :class:`PermanentTaskError`. Transient errors pass unchanged and fail the try.

    :raises PermanentTaskError: an error that a retry cannot resolve, for example a refused key, an invalid record or a
        wrong connection.
    """
    try:
        yield
    except SevenTimeError as error:
        if error.transient:
            raise
        raise PermanentTaskError(str(error)) from error
