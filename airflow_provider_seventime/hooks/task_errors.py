"""How this package's errors end a task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_seventime.exceptions import SevenTimeError


class PermanentTaskError(SevenTimeError, AirflowFailException):
    """A permanent failure: the task ends without using up its retries.

    The error itself is the ``__cause__``; the text is the same.
    """


@contextmanager
def permanent_failures_end_the_task() -> Iterator[None]:
    """Turn permanent errors into the one that ends a task at once; passing ones go through and fail the try.

    :raises PermanentTaskError: a refused key, an invalid record, a wrong connection: what trying again cannot mend.
    """
    try:
        yield
    except SevenTimeError as error:
        if error.transient:
            raise
        raise PermanentTaskError(str(error)) from error
