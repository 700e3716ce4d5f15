"""Outcome of a task after an error of the API: permanent errors end it without retries."""

from __future__ import annotations

from types import TracebackType

from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_seventime.exceptions import InvalidRecordError, SevenTimeError
from airflow_provider_seventime.hooks.failures import failure_text, headline, shorten_traceback


class PermanentTaskError(SevenTimeError, AirflowFailException):
    """Permanent failure. Airflow ends the task without using up its retries.

    It has the text of the original error in short lines. The original error is its ``__cause__``.
    """


class permanent_failures_end_the_task:  # noqa: N801 - used like a function
    """Context manager that converts permanent errors to :class:`PermanentTaskError`.

    Transient errors pass and fail the try. Both have short lines and a traceback with few frames, for the task's log.

    It raises a ``PermanentTaskError`` for an error that a retry cannot resolve, for example a refused key, an invalid
    record or a wrong connection.
    """

    # A class, because contextmanager restores the traceback of an error that passes.

    def __enter__(self) -> None:
        """Do nothing: only the end of the block matters."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Convert the error that ends the block.

        :raises PermanentTaskError: the error is permanent.
        """
        if not isinstance(error, SevenTimeError):
            return
        text = failure_text(error)
        shorten_traceback(error)
        if error.transient:
            error.args = (text,)
            return
        frames, error.__traceback__ = error.__traceback__, None
        # A log prints the cause too: its type and first sentence suffice there, and its attributes have the rest.
        error.args = (headline(error),)
        if isinstance(error, InvalidRecordError):
            error.__cause__ = None  # the validator's error, which says the same
            error.__suppress_context__ = True
        raise PermanentTaskError(text).with_traceback(frames) from error
