"""Create a record once: search, send, and search again after a lost response before anything is sent a second time."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from airflow_provider_seventime.api.endpoints import PendingPost
from airflow_provider_seventime.api.http.retry import certainly_not_executed
from airflow_provider_seventime.api.writing.create_requests import CreateRequests, RecordSearch
from airflow_provider_seventime.api.writing.existing_record import (
    CreateResult,
    IfExists,
    compared_result,
    existing_result,
)
from airflow_provider_seventime.api.writing.lease import NoteView, SearchOutdated, WriteLease
from airflow_provider_seventime.api.writing.lookup import NewRecord, differing_texts
from airflow_provider_seventime.api.writing.write_log import WriteLog
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import (
    AmbiguousWriteError,
    ProtocolError,
    ServerError,
    SevenTimeError,
    TransportError,
)

logger = logging.getLogger(__name__)

RESPONSE_LOST = (TransportError, ServerError, ProtocolError)
MAX_POSTS = 3
# Seconds to wait before each search after a lost response: a list may lag behind a write. After a timeout the server
# may still execute the request, for minutes.
DELAYS_AFTER_LOSS_SECONDS = (2.0, 10.0)
DELAYS_AFTER_TIMEOUT_SECONDS = (5.0, 15.0, 40.0, 60.0)
# First pause between two searches while an earlier POST may still create the record; each next one is twice as long.
FIRST_PAUSE_SECONDS = 2.0
TIMEOUT_FAULTS = ("read_timeout", "deadline")
DELAYS_IN_DOUBT_SECONDS = (0.0, 6.0)
HOW_TO_RESOLVE = "look for it in Seven Time before you send it again"


class PriorAttempts(Enum):
    """Knowledge of earlier attempts at the same create.

    ``NONE_SENT``: none was sent, so no search is needed. ``UNKNOWN``: search once. ``IN_DOUBT``: one may have been sent
    a moment ago, so a search without result is repeated after six seconds.
    """

    NONE_SENT = auto()
    UNKNOWN = auto()
    IN_DOUBT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOptions:
    """Options of a create.

    :param if_exists: ``return`` the existing record, with a warning if it differs; ``match``: fail if it differs;
        ``fail`` always. Defaults to ``return``.
    :param prior_attempts: knowledge of earlier attempts. Defaults to ``UNKNOWN``.
    :param write_log: notes each POST before it is sent. Defaults to a log that records nothing.
    """

    if_exists: IfExists = "return"
    prior_attempts: PriorAttempts = PriorAttempts.UNKNOWN
    write_log: WriteLog = field(default_factory=WriteLog)


def delays_before_first_post(prior_attempts: PriorAttempts) -> tuple[float, ...]:
    """Return the seconds to wait before each search that precedes the first POST."""
    if prior_attempts is PriorAttempts.NONE_SENT:
        return ()
    return DELAYS_IN_DOUBT_SECONDS if prior_attempts is PriorAttempts.IN_DOUBT else (0.0,)


def delays_after_loss(error: SevenTimeError) -> tuple[float, ...]:
    """Return the seconds to wait before each search after a response was lost with this error."""
    timed_out = isinstance(error, TransportError) and error.fault in TIMEOUT_FAULTS
    return DELAYS_AFTER_TIMEOUT_SECONDS if timed_out else DELAYS_AFTER_LOSS_SECONDS


def create_once(
    requests: CreateRequests,
    new_record: NewRecord,
    options: CreateOptions,
    lease: WriteLease,
    *,
    searched: bool = False,
) -> CreateResult:
    """Create a record unless one with its key exists.

    Several runs may do so at once: each takes the lease of the key directly before it sends, and one that comes later
    finds the record. See :mod:`.notes` for the rules.

    :param requests: the requests of the collection.
    :param new_record: the record, with a key.
    :param options: options of the create.
    :param lease: the lease of the key.
    :param searched: the caller has searched without result, and has read the lease before that.
    :raises InvalidRecordError: the record exists and ``if_exists`` does not accept it, it was cancelled, or it belongs
        to another owner.
    :raises SevenTimeError: the record could not be created. The whole call may be repeated.
    """
    search = RecordSearch(requests, new_record)
    delays_seconds = () if searched else delays_before_first_post(options.prior_attempts)
    while True:
        if delays_seconds or not lease.view.is_clear:
            existing = _find_existing(requests, search, lease, delays_seconds or (0.0,))
            if existing is not None:
                return existing_result(requests.collection, new_record, existing, options.if_exists)
        try:
            return _post_until_known(requests, new_record, search, options.write_log, lease)
        except SearchOutdated:
            delays_seconds = (0.0,)
            lease.read()


def _find_existing(
    requests: CreateRequests, search: RecordSearch, lease: WriteLease, delays_seconds: Sequence[float]
) -> dict[str, Any] | None:
    """Search until an earlier POST can no longer create the record.

    :return: the existing record. None: there is none, and the lease may be claimed.
    """
    view = lease.wait_until_free()
    existing = search.find(delays_seconds) or _noted_record(requests, view)
    pause_seconds = FIRST_PAUSE_SECONDS
    if existing is None and view.uncertain_seconds:
        logger.warning(
            "%s: an earlier attempt sent the record with %s, and the API does not show it, or not yet. Searching for "
            "%.0f s before it is sent again",
            requests.collection.name,
            lease.key,
            view.uncertain_seconds,
        )
    while existing is None and view.uncertain_seconds:
        requests.sleep(min(pause_seconds, view.uncertain_seconds))
        pause_seconds *= 2
        view = lease.wait_until_free()
        existing = search.find((0.0,)) or _noted_record(requests, view)
    return existing


def _noted_record(requests: CreateRequests, view: NoteView) -> dict[str, Any] | None:
    """Return the record that another writer noted, which lists may not show yet. None: none is noted, or it is gone."""
    return None if view.record_id is None else requests.get(view.record_id)


def _post_until_known(
    requests: CreateRequests, new_record: NewRecord, search: RecordSearch, write_log: WriteLog, lease: WriteLease
) -> CreateResult:
    """Send the record until a response arrives or a search finds the record, at most three times.

    :raises SearchOutdated: nothing may be sent before another search.
    """
    write_log.write_started()
    for post_number in range(1, MAX_POSTS + 1):
        try:
            record = _post_with_lease(requests.pending_post(new_record.record), lease)
        except SearchOutdated:
            if post_number == 1:
                write_log.write_cancelled()
            raise
        except SevenTimeError as error:
            if not _is_response_lost(error):
                if post_number == 1:
                    write_log.write_cancelled()
                raise
            lost = error
        else:
            _warn_if_key_is_missing(requests.collection, record, new_record)
            _refuse_duplicate(requests.collection, search, lease, record)
            return CreateResult(record, created=True)
        existing = search.find(delays_after_loss(lost))
        if existing is not None:
            _refuse_different_record(requests.collection, existing, new_record, lost)
            lease.succeed(str(existing["_id"]))
            return compared_result(requests.collection, new_record, existing, created=True)
    raise lost


def _post_with_lease(post: PendingPost, lease: WriteLease) -> dict[str, Any]:
    """Send the record, once the lease is taken in its turn of the rate limit.

    A 429 or a failed connection certainly created nothing: the lease is given back and taken anew in the next turn.
    """
    for attempt in post.attempts():
        with attempt:
            lease.claim(post.wait_turn())
            try:
                with lease.renewed():
                    return post.send(lease.send_window)
            except SevenTimeError as error:
                if _is_response_lost(error):
                    lease.release()
                else:
                    lease.withdraw()
                raise
    raise RuntimeError("not reached: the attempts end with a response or an error")


def _refuse_duplicate(
    collection: CollectionSpec, search: RecordSearch, lease: WriteLease, record: Mapping[str, Any]
) -> None:
    """Note the created record, and raise an error if an earlier attempt has created another one.

    :raises AmbiguousWriteError: two records have the key; the error names both.
    """
    other_id = lease.succeed(str(record["_id"]))
    if other_id is not None:
        raise AmbiguousWriteError(
            f"{collection.name}: {lease.key} is on two records, {record['_id']} and {other_id}: a run that had stopped "
            "for a while and this one both sent it. Delete one of them in Seven Time"
        )
    if lease.took_over:
        search.find((0.0,))  # raises the error that names every record with the key


def _is_response_lost(error: SevenTimeError) -> bool:
    """Return True if a POST that failed with this error may have been executed."""
    return isinstance(error, RESPONSE_LOST) and not certainly_not_executed(error)


def _warn_if_key_is_missing(collection: CollectionSpec, record: Mapping[str, Any], new_record: NewRecord) -> None:
    key = new_record.key
    if key and not key.is_on(record):
        logger.warning(
            "%s %s was created, and the response does not show %s in %s. If lists do not show it either, a repeated "
            "create makes a duplicate: name another text field as reference_field",
            collection.name,
            record.get("_id"),
            key,
            key.field,
        )


def _refuse_different_record(
    collection: CollectionSpec, existing: Mapping[str, Any], new_record: NewRecord, lost: SevenTimeError
) -> None:
    fields = differing_texts(collection, existing, new_record)
    if fields:
        raise AmbiguousWriteError(
            f"{collection.name}: the record was sent and the response was lost ({lost}). {new_record.key} is on "
            f"{existing.get('_id')}, which differs in {', '.join(fields)}: it existed before, or has been changed since"
        ) from lost


def create_without_key(
    requests: CreateRequests, record: Mapping[str, Any], prior_attempts: PriorAttempts, write_log: WriteLog
) -> CreateResult:
    """Create a record that cannot be searched for.

    :param requests: the requests of the collection.
    :param record: the checked record.
    :param prior_attempts: knowledge of earlier attempts.
    :param write_log: notes the POST before it is sent.
    :raises AmbiguousWriteError: the response was lost, now or in an earlier attempt. The record may exist or not.
    """
    name = requests.collection.name
    if prior_attempts is PriorAttempts.IN_DOUBT:
        raise AmbiguousWriteError(
            f"{name}: an earlier try sent the record and ended before the response. The record may exist or not: "
            f"{HOW_TO_RESOLVE}, in a new run of the DAG"
        )
    write_log.write_started()
    try:
        return CreateResult(requests.post(record), created=True)
    except SevenTimeError as error:
        if not _is_response_lost(error):
            write_log.write_cancelled()
            raise
        raise AmbiguousWriteError(
            f"{name}: the record was sent and the response was lost ({error}). The record may exist or not: "
            f"{HOW_TO_RESOLVE}, and give such records a reference"
        ) from error
