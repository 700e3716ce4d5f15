"""The client: every collection of the contract through a few verbs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from airflow_provider_seventime.api.endpoints import Endpoints
from airflow_provider_seventime.api.http.clock import Clock, SystemClock
from airflow_provider_seventime.api.http.requester import Requester, Statistics
from airflow_provider_seventime.api.http.retry import MAX_ATTEMPTS
from airflow_provider_seventime.api.http.versions import API_VERSIONS
from airflow_provider_seventime.api.listing.lists import Lists
from airflow_provider_seventime.api.rate_limit.budgets import interval_seconds, rate_limiter_for
from airflow_provider_seventime.api.settings import Settings
from airflow_provider_seventime.api.writing.create_once import CreateResult, IfExists, PriorAttempts, WriteLog
from airflow_provider_seventime.api.writing.creator import Creator
from airflow_provider_seventime.api.writing.updates import UpdateResult, already_so, check_changes, complete_changes
from airflow_provider_seventime.contract.checking import check_filters, check_id, check_record, check_sort
from airflow_provider_seventime.contract.protection import Protection, protection_of
from airflow_provider_seventime.contract.registry import find_collection
from airflow_provider_seventime.contract.spec import CollectionSpec, Operation, Write
from airflow_provider_seventime.exceptions import BadRequestError, ConfigError


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

    def __init__(self, settings: Settings, *, clock: Clock | None = None, attempts: int = MAX_ATTEMPTS) -> None:
        self.settings = settings
        self._clock: Clock = clock or SystemClock()
        self._requester = Requester(settings, self._clock, attempts, rate_limiter_for(settings, self._clock))
        lists = Lists(self._requester, settings.page_size, interval_seconds(settings), self._clock)
        self._endpoints = Endpoints(self._requester, API_VERSIONS[settings.api_version], lists)
        self._creates = Creator(settings, self._endpoints, self._clock, self.list, self.get)

    @property
    def statistics(self) -> Statistics:
        """Requests sent, seconds waited for the budget, rejections."""
        return self._requester.statistics

    @property
    def zone(self) -> ZoneInfo:
        """The account's time zone."""
        return self.settings.zone

    def can(self, resource: str, operation: Operation) -> bool:
        """Tell whether a collection has an operation, in this version of the API."""
        entry = find_collection(resource).in_version(self.settings.api_version)
        return entry is not None and operation in entry.operations

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
        entry, query = self._list_query(resource, filters, sort_by, max_records)
        return self._endpoints.list(entry, query, max_records)

    def list_json(
        self,
        resource: str,
        filters: Mapping[str, Any] | None = None,
        *,
        sort_by: str | None = None,
        max_records: int | None = None,
    ) -> Iterator[bytes]:
        """Yield the records of a collection as :meth:`list` does, each as a line of JSON without its line end.

        A record is not decoded and has the very text of the answer: for moving records into files, this costs a
        fraction.

        :param resource: the collection; ``filters``, ``sort_by`` and ``max_records`` are those of :meth:`list`.
        :raises SevenTimeError: as for :meth:`list`.
        """
        entry, query = self._list_query(resource, filters, sort_by, max_records)
        return self._endpoints.lines(entry, query, max_records)

    def _list_query(
        self, resource: str, filters: Mapping[str, Any] | None, sort_by: str | None, max_records: int | None
    ) -> tuple[CollectionSpec, dict[str, str]]:
        entry = self._entry(resource, "list")
        if max_records is not None and max_records < 1:
            raise ConfigError(f"max_records: {max_records!r} is below 1; leave it out to read everything")
        # Pages need an order that stays; a look-up has none of its own to ask for.
        order = check_sort(entry, sort_by) if entry.paged or sort_by else {}
        return entry, self._query(entry, filters) | order

    def get(self, resource: str, record_id: str | None = None) -> dict[str, Any]:
        """Return one record.

        :param resource: the collection.
        :param record_id: its ``_id``; None for a collection of one, as ``companyInformation``.
        :raises NotFoundError: there is no such record.
        :raises ConfigError: the collection is unknown or has no get, or the id is empty.
        :raises SevenTimeError: the API could not be asked.
        """
        entry = self._entry(resource, "get")
        return self._endpoints.get(entry, None if entry.singleton else check_id(entry, record_id))

    def count(self, resource: str, filters: Mapping[str, Any] | None = None) -> int:
        """Return how many records a list has, with one request.

        :param resource: the collection.
        :param filters: as for :meth:`list`.
        :raises SevenTimeError: as for :meth:`list`.
        """
        entry = self._entry(resource, "list")
        if self.settings.api_version == 1:
            raise ConfigError(f"version 1 of the API cannot count {resource}: it answers at most 100 rows and no total")
        return self._endpoints.count(entry, self._query(entry, filters))

    def create(self, resource: str, record: Mapping[str, Any], reference: str | None = None) -> dict[str, Any]:
        """Create a record and return it as the API answered.

        :param resource: the collection.
        :param record: the record in the API's terms.
        :param reference: makes the create safe to repeat: a record that carries it is returned, not made again.
            None: no look-up before; a lost answer is looked for by the record's unique number where it gives one,
            and is an AmbiguousWriteError otherwise.
        :raises InvalidRecordError: the record is wrong, or the reference stands on another owner's record.
        :raises AmbiguousWriteError: without a reference the answer was lost.
        :raises SevenTimeError: the API could not be asked.
        """
        before = PriorAttempts.NONE_SENT if reference is None else PriorAttempts.UNKNOWN
        return self.create_or_find(resource, record, reference=reference, before=before).record

    def create_or_find(
        self,
        resource: str,
        record: Mapping[str, Any],
        *,
        reference: str | None,
        reference_field: str | None = None,
        if_exists: IfExists = "return",
        before: PriorAttempts = PriorAttempts.UNKNOWN,
        intent: WriteLog | None = None,
    ) -> CreateResult:
        """Create a record, or find the one that was created before with the same reference.

        Without a reference a record is known by its unique number, where the collection has one and the record gives it
        (``customerNumber``, ``projectNumber``, ``distributorNumber``, ``userName``).

        :param resource: the collection.
        :param record: the record in the API's terms.
        :param reference: kept as the last line ``[ref: ...]`` of ``reference_field``; None: none is kept.
        :param reference_field: a text field of the record; None: the collection's own.
        :param if_exists: ``return`` the record that is there, or ``fail``.
        :param before: what is known of earlier attempts. Defaults to looking once before anything is sent.
        :param intent: told before anything is sent, and when that certainly did nothing; None: nobody.
        :raises InvalidRecordError: as for :meth:`create`, and when the record is there and ``if_exists`` is ``fail``.
        :raises SevenTimeError: as for :meth:`create`.
        """
        entry = self._entry(resource, "create")
        return self._creates.one(
            entry, record, reference, reference_field, if_exists=if_exists, before=before, intent=intent
        )

    def create_each(
        self,
        resource: str,
        records: Sequence[Mapping[str, Any]],
        *,
        references: Sequence[str] | None,
        reference_field: str | None = None,
        if_exists: IfExists = "return",
        before: PriorAttempts = PriorAttempts.UNKNOWN,
        intent: WriteLog | None = None,
    ) -> Sequence[CreateResult]:
        """Create many records, or find those that were created before: one look for all, then every record is tried.

        All are checked before the first is sent.

        :param resource: the collection.
        :param records: the records in the API's terms.
        :param references: one for each, all different; None: as for :meth:`create_or_find`.
        :param reference_field: as for :meth:`create_or_find`; so are ``if_exists``, ``before`` and ``intent``.
        :return: one outcome per record, in order.
        :raises InvalidRecordError: records are wrong, each problem with its index; nothing was sent.
        :raises BatchError: some could not be created; the others are there.
        :raises SevenTimeError: the API could not be asked; nothing was sent.
        """
        entry = self._entry(resource, "create")
        return self._creates.each(
            entry, records, references, reference_field, if_exists=if_exists, before=before, intent=intent
        )

    def update(self, resource: str, record_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change a record and return it as the API answered.

        :param resource: the collection.
        :param record_id: its ``_id``.
        :param changes: the fields to change, with those that the API wants repeated.
        :raises InvalidRecordError: the changes are wrong.
        :raises NotFoundError: there is no such record.
        :raises SevenTimeError: the API could not be asked.
        """
        entry = self._entry(resource, "update")
        check_changes(entry, changes)
        return self._endpoints.put(entry, self._check_update(entry, record_id, changes))

    def _check_update(self, entry: CollectionSpec, record_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        given = {**changes, "_id": check_id(entry, record_id)} if isinstance(changes, Mapping) else changes
        return self._check(entry, "update", given)

    def change(self, resource: str, record_id: str, changes: Mapping[str, Any]) -> UpdateResult:
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
        entry = self._entry(resource, "update")
        check_changes(entry, changes)
        current = self.get(resource, record_id)
        completed = complete_changes(entry, current, changes)
        checked = self._check_update(entry, record_id, completed)
        wanted = {name: checked[name] for name in changes if name in checked}
        if already_so(current, wanted):
            return UpdateResult(current, changed=False)
        try:
            return UpdateResult(self._endpoints.put(entry, checked), changed=True)
        except BadRequestError:
            # A PUT that was repeated after a lost answer may be refused because the first one did its work.
            current = self.get(resource, record_id)
            if not already_so(current, wanted):
                raise
            return UpdateResult(current, changed=True)

    def delete(self, resource: str, record_id: str) -> dict[str, Any]:
        """Delete a record and return what the API answered.

        A record that is gone when the request is repeated after a lost answer was deleted by it: that is success.

        :param resource: the collection.
        :param record_id: its ``_id``.
        :raises NotFoundError: there was no such record.
        :raises SevenTimeError: the API could not be asked.
        """
        entry = self._entry(resource, "delete")
        return self._endpoints.delete(entry, self._check(entry, "delete", {"_id": check_id(entry, record_id)}))

    def analyse(self, resource: str, query: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """Yield the rows of an analysis: counts and sums that the API makes of a collection.

        :param resource: the collection.
        :param query: ``fromDate``, ``toDate``, ``groupBy``, ``metrics``, ``dateField``, ``filters``, ``sort``,
            ``limit``; None: what the API gives unasked.
        :raises ConfigError: the collection is unknown or has no analysis.
        :raises InvalidRecordError: the query is wrong.
        :raises SevenTimeError: the API could not be asked.
        """
        entry = self._entry(resource, "analyse")
        return self._endpoints.analyse(entry, self._check(entry, "analyse", query or {}))

    def protection(self, resource: str, exclude_fields: Sequence[str], hash_fields: Sequence[str]) -> Protection:
        """Return what is done with the personal data of a collection; the connection's secret stays inside.

        :param resource: the collection.
        :param exclude_fields: dotted paths that are left out.
        :param hash_fields: dotted paths of which a hash is kept, keyed by the connection's extra ``hash_secret``.
        :raises ConfigError: the collection is unknown, a path is wrong, or there is no secret to hash with.
        """
        entry = find_collection(resource, version=self.settings.api_version)
        return protection_of(entry, exclude_fields, hash_fields, self.settings.hash_secret)

    def close(self) -> None:
        """Close the connections; the client may be used again."""
        self._requester.close()

    def __enter__(self) -> SevenTimeClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _entry(self, resource: str, operation: Operation) -> CollectionSpec:
        return find_collection(resource, operation, self.settings.api_version)

    def _query(self, entry: CollectionSpec, filters: Mapping[str, Any] | None) -> dict[str, str]:
        return check_filters(entry, filters, self.zone, strict=self.settings.strict)

    def _check(self, entry: CollectionSpec, write: Write, record: Mapping[str, Any]) -> dict[str, Any]:
        settings = self.settings
        return check_record(entry, write, record, settings.zone, settings.acting_user, strict=settings.strict)
