"""Create once: look, send, and when the answer is lost look again before anything is sent a second time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import Any, Literal, Protocol

from airflow_provider_seventime.api.http.retry import certainly_not_executed
from airflow_provider_seventime.api.writing.lookup import Wanted, differences, find
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import (
    AmbiguousWriteError,
    InvalidRecordError,
    ProtocolError,
    ServerError,
    SevenTimeError,
    TransportError,
)

logger = logging.getLogger(__name__)

LOST = (TransportError, ServerError, ProtocolError)
POSTS = 3
# Waits before each look for a record whose answer was lost: a list may lag behind what was done, and a server that was
# silent until we gave it up may still be at work for minutes.
LOOKS_AFTER_A_LOSS_SECONDS = (2.0, 10.0)
LOOKS_AFTER_SILENCE_SECONDS = (5.0, 15.0, 40.0, 60.0)
SILENCE = ("read_timeout", "deadline")
LOOKS_IN_DOUBT_SECONDS = (0.0, 6.0)


class PriorAttempts(Enum):
    """What is known of earlier attempts at a create.

    ``NONE_SENT``: there were none, so nothing is looked for. ``UNKNOWN``: one look. ``IN_DOUBT``: one may have been
    sent a moment ago, so a look that finds nothing is repeated after a while.
    """

    NONE_SENT = auto()
    UNKNOWN = auto()
    IN_DOUBT = auto()


@dataclass(frozen=True, slots=True)
class CreateResult:
    """The outcome of a create.

    :param record: the record as the API holds it.
    :param created: False when it was there before this call.
    """

    record: dict[str, Any]
    created: bool


IfExists = Literal["return", "fail"]


def check_exists(resource: CollectionSpec, wanted: Wanted, outcome: CreateResult, if_exists: IfExists) -> CreateResult:
    """Return an outcome, unless it is a record that was there and must not have been.

    :raises InvalidRecordError: it was there before, and ``if_exists`` is ``fail``.
    """
    if outcome.created or if_exists == "return":
        return outcome
    raise InvalidRecordError(f"{resource.name}: create", [f"{wanted.mark} is already on {outcome.record.get('_id')}"])


class Writer(Protocol):
    """What create once needs of a client."""

    def post(self, resource: CollectionSpec, record: Mapping[str, Any]) -> dict[str, Any]:
        """Create a checked record with one POST."""

    def search(self, resource: CollectionSpec, filters: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
        """Read the records of a list."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class WriteLog(Protocol):
    """Who keeps in mind that something is about to be sent, in case this process is killed."""

    def sending(self) -> None:
        """Keep in mind that a record is sent now."""

    def withdrawn(self) -> None:
        """Forget it: the API certainly did nothing."""


class NullWriteLog:
    """Nobody."""

    def sending(self) -> None:
        """Keep nothing in mind."""

    def withdrawn(self) -> None:
        """Forget nothing."""


def looks_before(before: PriorAttempts) -> tuple[float, ...]:
    """Return the waits in seconds before each look for a record that nothing was heard of yet."""
    return {PriorAttempts.UNKNOWN: (0.0,), PriorAttempts.IN_DOUBT: LOOKS_IN_DOUBT_SECONDS}.get(before, ())


def looks_after(lost: SevenTimeError) -> tuple[float, ...]:
    """Return the waits in seconds before each look for a record whose answer was lost so."""
    silent = isinstance(lost, TransportError) and lost.fault in SILENCE
    return LOOKS_AFTER_SILENCE_SECONDS if silent else LOOKS_AFTER_A_LOSS_SECONDS


def create_once(
    writer: Writer,
    resource: CollectionSpec,
    wanted: Wanted,
    *,
    filters: Callable[[], Mapping[str, Any]],
    before: PriorAttempts = PriorAttempts.UNKNOWN,
    intent: WriteLog | None = None,
) -> CreateResult:
    """Create a record unless one with its mark is there already.

    :param writer: the client.
    :param resource: the collection.
    :param wanted: the record, with its mark.
    :param filters: returns what narrows the look-up; asked once, when there is one.
    :param before: what is known of earlier attempts.
    :param intent: told before the first POST, and when that certainly did nothing; None: nobody.
    :raises SevenTimeError: the record could not be created; trying the whole call again is safe.
    """
    narrowed = cache(filters)

    def look() -> dict[str, Any] | None:
        return find(resource, writer.search(resource, narrowed()), wanted)

    there = _look_after(writer, look, looks_before(before))
    if there is not None:
        return CreateResult(there, created=False)
    return _post_until_known(writer, resource, wanted, look, intent or NullWriteLog())


def _post_until_known(
    writer: Writer,
    resource: CollectionSpec,
    wanted: Wanted,
    look: Callable[[], dict[str, Any] | None],
    intent: WriteLog,
) -> CreateResult:
    intent.sending()
    for posts in range(1, POSTS + 1):
        try:
            record = writer.post(resource, wanted.record)
        except SevenTimeError as error:
            if not _is_lost(error):
                if posts == 1:
                    intent.withdrawn()
                raise
            lost = error
        else:
            _warn_where_the_mark_does_not_show(resource, record, wanted)
            return CreateResult(record, created=True)
        there = _look_after(writer, look, looks_after(lost))
        if there is not None:
            _refuse_what_was_there_before(resource, there, wanted, lost)
            return CreateResult(there, created=True)
    raise lost


def _warn_where_the_mark_does_not_show(resource: CollectionSpec, record: Mapping[str, Any], wanted: Wanted) -> None:
    mark = wanted.mark
    if mark and mark.value not in mark.found_in(record):
        logger.warning(
            "%s %s was created, and the answer does not show %s in %s: if lists do not show it either, creating it "
            "once more makes a second one; name another text field as reference_field",
            resource.name,
            record.get("_id"),
            mark,
            mark.field,
        )


def _is_lost(error: SevenTimeError) -> bool:
    """Tell whether a POST that failed so may have done its work; what the API refused was not done."""
    return isinstance(error, LOST) and not certainly_not_executed(error)


def _look_after(
    writer: Writer, look: Callable[[], dict[str, Any] | None], waits: Iterable[float]
) -> dict[str, Any] | None:
    for seconds in waits:
        if seconds:
            writer.sleep(seconds)
        there = look()
        if there is not None:
            return there
    return None


def _refuse_what_was_there_before(
    resource: CollectionSpec, there: Mapping[str, Any], wanted: Wanted, lost: SevenTimeError
) -> None:
    other = differences(resource, there, wanted)
    if other:
        raise AmbiguousWriteError(
            f"{resource.name}: the record was sent and the answer lost ({lost}). {wanted.mark} is on "
            f"{there.get('_id')}, which differs in {', '.join(other)}: it was there before, or has been changed since"
        ) from lost


def create_blindly(
    writer: Writer,
    resource: CollectionSpec,
    record: Mapping[str, Any],
    before: PriorAttempts,
    intent: WriteLog | None = None,
) -> CreateResult:
    """Create a record that has no mark.

    :param before: what is known of earlier attempts.
    :param intent: told before the POST, and when that certainly did nothing; None: nobody.
    :raises AmbiguousWriteError: the answer was lost, now or in an earlier attempt, so that nobody can tell whether the
        record is there.
    """
    how = "look for it in Seven Time before you send it again"
    if before is PriorAttempts.IN_DOUBT:
        raise AmbiguousWriteError(
            f"{resource.name}: an earlier try sent the record and ended before it had the answer. It may be there or "
            f"not: {how}, in a new run of the DAG"
        )
    noted = intent or NullWriteLog()
    noted.sending()
    try:
        return CreateResult(writer.post(resource, record), created=True)
    except SevenTimeError as error:
        if not _is_lost(error):
            noted.withdrawn()
            raise
        raise AmbiguousWriteError(
            f"{resource.name}: the record was sent and the answer lost ({error}). It may be there or not: {how}, "
            "and give such records a reference"
        ) from error
