"""The client: every collection of the contract through six verbs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from tenacity import RetryCallState, Retrying, retry_if_exception

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.api.answers import id_of, read_answer, record_in, records_in, total_in
from airflow_provider_seventime.api.clock import Clock, SystemClock
from airflow_provider_seventime.api.pacing import Budget, budget_for
from airflow_provider_seventime.api.paging import Page, read_whole
from airflow_provider_seventime.api.references import (
    Created,
    add_reference,
    check_reference,
    create_blindly,
    create_once,
    reference_field_of,
    search_filters,
)
from airflow_provider_seventime.api.retries import (
    ATTEMPTS,
    LONGEST_RETRY_AFTER_SECONDS,
    TOTAL_SECONDS,
    certainly_not_done,
    may_repeat,
    wait_seconds,
)
from airflow_provider_seventime.api.settings import Settings
from airflow_provider_seventime.api.transport import Request, Transport
from airflow_provider_seventime.api.updates import already_so, complete_changes
from airflow_provider_seventime.contract.checking import check_filters, check_record, check_sort
from airflow_provider_seventime.contract.resource import Resource
from airflow_provider_seventime.contract.resources import find_resource
from airflow_provider_seventime.exceptions import (
    BadRequestError,
    ConfigError,
    InvalidRecordError,
    NotFoundError,
    RateLimitedError,
    SevenTimeError,
)

logger = logging.getLogger(__name__)

BASE_PATH = "/api/2"


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


@dataclass(frozen=True, slots=True)
class Changed:
    """The outcome of a change.

    :param record: the record as the API holds it.
    :param changed: False when it showed the changes already.
    """

    record: dict[str, Any]
    changed: bool


class SevenTimeClient:
    """Seven Time's API.

    ::

        with SevenTimeClient(settings) as client:
            for time_log in client.list("timeLogs", {"project": project_id}):
                ...

    A client may be used by several threads.

    :param settings: the connection.
    :param clock: what waiting goes by; None: the machine's clock.
    :param attempts: how often a request is sent at most, where repeating it is safe. Defaults to 6.
    """

    def __init__(self, settings: Settings, *, clock: Clock | None = None, attempts: int = ATTEMPTS) -> None:
        if settings.api_version != 2:  # noqa: PLR2004
            raise ConfigError("api_version 1 is not served by this version of the provider; set it to 2")
        self.settings = settings
        self.statistics = Statistics()
        self._clock: Clock = clock or SystemClock()
        self._transport = Transport(settings)
        self._budget: Budget = budget_for(settings, self._clock)
        self._counting = threading.Lock()
        self._attempts = attempts

    @property
    def zone(self) -> ZoneInfo:
        """The account's time zone."""
        return self.settings.zone

    def list(
        self,
        resource: str,
        filters: Mapping[str, Any] | None = None,
        *,
        sort_by: str | None = None,
        max_records: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield the records of a collection, every page, each record once.

        The list is complete or ends in an error. A wrong name is refused here, not at the first record.

        :param resource: the collection, for example ``timeLogs``.
        :param filters: filter name to value; dates may be ``date``, ``datetime`` or text. None: all records.
        :param sort_by: a field of the records, descending with a minus in front; None: by ``_id``.
        :param max_records: end after that many; None: all.
        :raises ConfigError: the collection is unknown or has no list.
        :raises InvalidRecordError: a filter or the sort is wrong.
        :raises IncompleteReadError: the list kept changing while it was read.
        :raises SevenTimeError: the API could not be asked.
        """
        entry = find_resource(resource, "list")
        if max_records is not None and max_records < 1:
            raise ConfigError(f"max_records: {max_records!r} is below 1; leave it out to read everything")
        query = check_filters(entry, filters, self.zone) | check_sort(entry, sort_by)
        return self._read(entry, query, max_records)

    def _read(self, entry: Resource, query: Mapping[str, str], max_records: int | None) -> Iterator[dict[str, Any]]:
        path = self._path(entry)
        where = f"GET {path}"
        if not entry.paged:
            yield from islice(records_in(self._call("GET", path, query), where), max_records)
            return
        page_size = min(self.settings.page_size, max_records or self.settings.page_size)

        def fetch(number: int) -> Page:
            content = self._call("GET", path, {**query, "limit": str(page_size), "page": str(number)})
            return Page(records_in(content, where), total_in(content, where))

        yield from islice(read_whole(where, page_size, fetch), max_records)

    def get(self, resource: str, record_id: str | None = None) -> dict[str, Any]:
        """Return one record.

        :param resource: the collection.
        :param record_id: its ``_id``; None for a collection of one, as ``companyInformation``.
        :raises NotFoundError: there is no such record.
        :raises ConfigError: the collection is unknown or has no get, or the id is empty.
        :raises SevenTimeError: the API could not be asked.
        """
        entry = find_resource(resource, "get")
        path = self._path(entry) if entry.singleton else self._path(entry, _check_id(entry, record_id))
        return record_in(self._call("GET", path), f"GET {path}", wrapped=True)

    def count(self, resource: str, filters: Mapping[str, Any] | None = None) -> int:
        """Return how many records a list has, with one request.

        :param resource: the collection.
        :param filters: as for :meth:`list`.
        :raises SevenTimeError: as for :meth:`list`.
        """
        entry = find_resource(resource, "list")
        path = self._path(entry)
        query = check_filters(entry, filters, self.zone)
        if not entry.paged:
            return len(records_in(self._call("GET", path, query), f"GET {path}"))
        return total_in(self._call("GET", path, {**query, "limit": "1", "page": "1"}), f"GET {path}")

    def create(self, resource: str, record: Mapping[str, Any], reference: str | None = None) -> dict[str, Any]:
        """Create a record and return it as the API answered.

        :param resource: the collection.
        :param record: the record in the API's terms.
        :param reference: makes the create safe to repeat: a record that carries it is returned, not made again.
            None: no look-up, and a lost answer is an AmbiguousWriteError.
        :raises InvalidRecordError: the record is wrong, or the reference stands on another owner's record.
        :raises AmbiguousWriteError: without a reference the answer was lost.
        :raises SevenTimeError: the API could not be asked.
        """
        return self.create_or_find(resource, record, reference=reference).record

    def create_or_find(
        self,
        resource: str,
        record: Mapping[str, Any],
        *,
        reference: str | None,
        reference_field: str | None = None,
        if_exists: Literal["return", "fail"] = "return",
    ) -> Created:
        """Create a record, or find the one that was created before with the same reference.

        :param resource: the collection.
        :param record: the record in the API's terms.
        :param reference: kept as the last line ``[ref: ...]`` of ``reference_field``; None: nothing is looked up.
        :param reference_field: a text field of the record; None: the collection's own.
        :param if_exists: ``return`` the record that is there, or ``fail``.
        :raises InvalidRecordError: as for :meth:`create`, and when the record is there and ``if_exists`` is ``fail``.
        :raises SevenTimeError: as for :meth:`create`.
        """
        entry = find_resource(resource, "create")
        if reference is None:
            checked = check_record(entry, "create", record, self.zone, self.settings.acting_user)
            return create_blindly(self, entry, checked)
        reference = check_reference(reference)
        field = reference_field_of(entry, reference_field)
        checked = check_record(entry, "create", record, self.zone, self.settings.acting_user)
        checked[field] = add_reference(checked.get(field), reference)
        filters = search_filters(entry, checked, self.zone, lambda *owner: str(self.get(*owner[:2]).get(owner[2], "")))
        outcome = create_once(self, entry, checked, reference=reference, field=field, filters=filters)
        if not outcome.created and if_exists == "fail":
            found = outcome.record.get("_id")
            raise InvalidRecordError(f"{resource}: create", [f"the reference {reference!r} is already on {found}"])
        return outcome

    def update(self, resource: str, record_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change a record and return it as the API answered.

        :param resource: the collection.
        :param record_id: its ``_id``.
        :param changes: the fields to change, with those that the API wants repeated.
        :raises InvalidRecordError: the changes are wrong.
        :raises NotFoundError: there is no such record.
        :raises SevenTimeError: the API could not be asked.
        """
        entry = find_resource(resource, "update")
        return self._put(entry, self._check_update(entry, record_id, changes))

    def _check_update(self, entry: Resource, record_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        given = {**changes, "_id": _check_id(entry, record_id)} if isinstance(changes, Mapping) else changes
        return check_record(entry, "update", given, self.zone, self.settings.acting_user)

    def _put(self, entry: Resource, checked: Mapping[str, Any]) -> dict[str, Any]:
        path = self._path(entry)
        return record_in(self._call("PUT", path, body=checked), f"PUT {path}", wrapped=False)

    def change(self, resource: str, record_id: str, changes: Mapping[str, Any]) -> Changed:
        """Change a record by naming only what changes.

        What the API wants repeated with every PUT is taken from the record as it stands, references are kept, and a
        record that shows the changes already is left alone, so that the call may be repeated.

        :param resource: the collection.
        :param record_id: its ``_id``.
        :param changes: the fields to change.
        :raises InvalidRecordError: the changes are wrong.
        :raises NotFoundError: there is no such record.
        :raises SevenTimeError: the API could not be asked.
        """
        entry = find_resource(resource, "update")
        _check_changes(entry, changes)
        current = self.get(resource, record_id)
        completed = complete_changes(entry, current, changes)
        checked = self._check_update(entry, record_id, completed)
        wanted = {name: checked[name] for name in changes if name in checked}
        if already_so(current, wanted):
            return Changed(current, changed=False)
        try:
            return Changed(self._put(entry, checked), changed=True)
        except BadRequestError:
            # A PUT that was repeated after a lost answer may be refused because the first one did its work.
            current = self.get(resource, record_id)
            if not already_so(current, wanted):
                raise
            return Changed(current, changed=True)

    def delete(self, resource: str, record_id: str) -> dict[str, Any]:
        """Delete a record and return what the API answered.

        A record that is gone when the request is repeated after a lost answer was deleted by it: that is success.

        :param resource: the collection.
        :param record_id: its ``_id``.
        :raises NotFoundError: there was no such record.
        :raises SevenTimeError: the API could not be asked.
        """
        entry = find_resource(resource, "delete")
        given = {"_id": _check_id(entry, record_id)}
        checked = check_record(entry, "delete", given, self.zone, self.settings.acting_user)
        path = self._path(entry)
        in_doubt = threading.Event()
        try:
            answer = self._call("DELETE", path, body=checked, in_doubt=in_doubt)
        except NotFoundError:
            if not in_doubt.is_set():
                raise
            return given
        return record_in(answer, f"DELETE {path}", wrapped=False)

    def post(self, resource: Resource, record: Mapping[str, Any]) -> dict[str, Any]:
        """Create a checked record with one POST."""
        path = self._path(resource)
        created = record_in(self._call("POST", path, body=record), f"POST {path}", wrapped=False)
        id_of(created, f"POST {path}")
        return created

    def search(self, resource: Resource, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Read the records of a list."""
        return self.list(resource.name, filters)

    def sleep(self, seconds: float) -> None:
        """Wait by the client's clock."""
        self._clock.sleep(seconds)

    def close(self) -> None:
        """Close the connections; the client may be used again."""
        self._transport.close()

    def __enter__(self) -> SevenTimeClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _path(self, entry: Resource, record_id: str | None = None) -> str:
        return f"{BASE_PATH}/{entry.name}" + (f"/{quote(record_id, safe='')}" if record_id else "")

    def _call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        body: Mapping[str, Any] | None = None,
        in_doubt: threading.Event | None = None,
    ) -> Any:
        """Send a request, again where that is safe, and return what the answer holds.

        ``in_doubt`` is set when an attempt failed that may have done its work all the same.
        """
        request = Request(method, path, query or {}, None if body is None else exact_json.encode(body))

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

    def _send(self, request: Request) -> Any:
        waited_seconds = self._budget.acquire()
        with self._counting:
            self.statistics.requests += 1
            self.statistics.waited_seconds += waited_seconds
        answer = self._transport.send(request)
        secrets = [self.settings.api_key]
        try:
            return read_answer(
                request.method,
                request.path,
                status=answer.status,
                headers=answer.headers,
                body=answer.body,
                secrets=secrets,
            )
        except RateLimitedError as error:
            with self._counting:
                self.statistics.rejections += 1
            self._budget.slow_down(min(error.retry_after_seconds or 1.0, LONGEST_RETRY_AFTER_SECONDS))
            raise


def _check_id(entry: Resource, record_id: str | None) -> str:
    text = str(record_id).strip() if record_id is not None else ""
    if not text or text == "None":
        raise ConfigError(
            f"{entry.name}: the id is empty, perhaps because a template rendered to nothing; nothing was sent"
        )
    return text


def _check_changes(entry: Resource, changes: Mapping[str, Any]) -> None:
    if not isinstance(changes, Mapping):
        raise InvalidRecordError(f"{entry.name}: update", [f"must be an object, not {type(changes).__name__}"])
    if all(value is None for value in changes.values()):
        raise InvalidRecordError(f"{entry.name}: update", ["there is nothing to change"])


def _error_of(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
