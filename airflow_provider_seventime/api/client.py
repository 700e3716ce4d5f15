"""Client of the API: one method per operation, for every collection of the contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from airflow_provider_seventime.api.endpoints import Endpoints
from airflow_provider_seventime.api.http.requester import Requester, Statistics
from airflow_provider_seventime.api.http.retry import MAX_ATTEMPTS
from airflow_provider_seventime.api.http.server_clock import ServerClock
from airflow_provider_seventime.api.http.versions import API_VERSIONS
from airflow_provider_seventime.api.listing.list_query import ListQuery, QueryBuilder
from airflow_provider_seventime.api.listing.lists import Lists
from airflow_provider_seventime.api.rate_limit.budgets import interval_seconds, rate_limiter_for
from airflow_provider_seventime.api.rate_limit.clock import Clock, StopFlag, StoppableClock, SystemClock
from airflow_provider_seventime.api.settings import Settings
from airflow_provider_seventime.api.writing.create_once import CreateOptions, PriorAttempts
from airflow_provider_seventime.api.writing.creator import Creator
from airflow_provider_seventime.api.writing.existing_record import CreateResult, IfExists
from airflow_provider_seventime.api.writing.note_stores import note_store_for
from airflow_provider_seventime.api.writing.record_checker import RecordChecker
from airflow_provider_seventime.api.writing.updates import Updater, UpdateResult
from airflow_provider_seventime.api.writing.write_log import WriteLog
from airflow_provider_seventime.contract.checking import check_id
from airflow_provider_seventime.contract.protection import Protection, protection_of
from airflow_provider_seventime.contract.registry import find_collection
from airflow_provider_seventime.contract.spec import CollectionSpec, Operation, Write
from airflow_provider_seventime.exceptions import ConfigError


class SevenTimeClient:
    """Client of Seven Time's API.

    ::

        with SevenTimeClient(settings) as client:
            for time_log in client.list("timeLogs", {"project": project_id}):
                ...

    Several threads may use one client. A client that is left with an error sends nothing more: requests in flight in
    other threads are aborted.

    :param settings: the connection.
    :param clock: the clock for waiting. None: the machine's clock.
    :param attempts: the most attempts of one request that is safe to repeat. Defaults to 6.
    :ivar left_with_error: True if an error left the ``with`` block of the client, and :meth:`stop` did not cause it.
    """

    def __init__(self, settings: Settings, *, clock: Clock | None = None, attempts: int = MAX_ATTEMPTS) -> None:
        self.settings = settings
        self.left_with_error = False
        clock = clock or SystemClock()
        self._stop = StopFlag()
        waits = StoppableClock(clock, self._stop)
        self._requester = Requester(
            settings, waits, attempts, rate_limiter_for(settings, clock, self._stop), self._stop
        )
        lists = Lists(self._requester, settings.page_size, interval_seconds(settings), waits)
        self._endpoints = Endpoints(self._requester, API_VERSIONS[settings.api_version], lists)
        self._queries = QueryBuilder(settings)
        self._checker = RecordChecker(settings)
        self._creator = Creator(
            settings,
            self._endpoints,
            self._queries,
            self._checker,
            clock=waits,
            notes=note_store_for(settings, clock),
        )
        self._updater = Updater(self._endpoints, self._checker)

    @property
    def statistics(self) -> Statistics:
        """Number of requests sent, seconds waited for the rate limit, and number of 429 responses."""
        return self._requester.statistics

    @property
    def clock_ahead_seconds(self) -> float | None:
        """Seconds by which the server's clock is ahead of this machine's, by the newest response; None: not known."""
        return self._requester.clock_ahead_seconds

    @property
    def server_clock(self) -> ServerClock:
        """Clock of the server, from the ``Date`` of its responses."""
        return self._requester.server_clock

    @property
    def zone(self) -> ZoneInfo:
        """The account's time zone."""
        return self.settings.zone

    def can(self, resource: str, operation: Operation) -> bool:
        """Return True if a collection has an operation in the connection's version of the API."""
        collection = find_collection(resource).in_version(self.settings.api_version)
        return collection is not None and operation in collection.operations

    def list_query(self, resource: str | ListQuery, filters: Mapping[str, Any] | None = None) -> ListQuery:
        """Check filters once, for several calls of :meth:`list`, :meth:`list_json` and :meth:`count`.

        ::

            query = client.list_query("timeLogs", {"project": project_id})
            september = client.list(query, {"timestamp": "2026-09-01 00:00"})

        :param resource: the collection, or a query to narrow. Of a query only the added ``filters`` are checked.
        :param filters: filter name to value. None: all records, or the query as it is.
        :raises ConfigError: the collection is unknown or has no list.
        :raises InvalidRecordError: a filter is wrong. The error lists every problem.
        """
        if isinstance(resource, ListQuery):
            return self._queries.narrow(resource, filters)
        return self._queries.build(self._collection(resource, "list"), filters)

    def list(
        self,
        resource: str | ListQuery,
        filters: Mapping[str, Any] | None = None,
        *,
        sort_by: str | None = None,
        max_records: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield the records of a collection: every page, each record once.

        The list is complete, or the iterator raises an error. The arguments are checked by the call, before the first
        record is requested.

        :param resource: the collection, for example ``timeLogs``, or a query from :meth:`list_query`.
        :param filters: filter name to value; dates may be ``date``, ``datetime`` or text. None: all records. With a
            query: filters to add.
        :param sort_by: a field of the records, with a leading minus for descending order. None: by ``_id``.
        :param max_records: stop after this many. None: all.
        :raises ConfigError: the collection is unknown or has no list, or ``max_records`` is below 1.
        :raises InvalidRecordError: a filter or the sort is wrong.
        :raises IncompleteReadError: the list kept changing while it was read.
        :raises SevenTimeError: a request failed.
        """
        query = self.list_query(resource, filters)
        _check_max_records(max_records)
        return self._endpoints.list(query.collection, query.parameters(sort_by), max_records)

    def list_json(
        self,
        resource: str | ListQuery,
        filters: Mapping[str, Any] | None = None,
        *,
        sort_by: str | None = None,
        max_records: int | None = None,
    ) -> Iterator[bytes]:
        """Yield the records of a collection as :meth:`list` does, each as a line of JSON without a line break.

        The records are not decoded: each line is the text of the response. This is much cheaper for copying records
        into files.

        :param resource: as for :meth:`list`; so are ``filters``, ``sort_by`` and ``max_records``.
        :raises SevenTimeError: as for :meth:`list`.
        """
        query = self.list_query(resource, filters)
        _check_max_records(max_records)
        return self._endpoints.lines(query.collection, query.parameters(sort_by), max_records)

    def get(self, resource: str, record_id: str | None = None) -> dict[str, Any]:
        """Return one record.

        :param resource: the collection.
        :param record_id: its ``_id``. None for a collection with a single record, such as ``companyInformation``.
        :raises NotFoundError: there is no such record.
        :raises ConfigError: the collection is unknown or has no get, or the id is empty.
        :raises SevenTimeError: the request failed.
        """
        collection = self._collection(resource, "get")
        return self._endpoints.get(collection, None if collection.singleton else check_id(collection, record_id))

    def count(self, resource: str | ListQuery, filters: Mapping[str, Any] | None = None) -> int:
        """Return the number of records in a list, with one request.

        :param resource: as for :meth:`list`.
        :param filters: as for :meth:`list`.
        :raises ConfigError: the collection is unknown or has no list, or the connection uses version 1 of the API.
        :raises SevenTimeError: as for :meth:`list`.
        """
        query = self.list_query(resource, filters)
        if self.settings.api_version == 1:
            raise ConfigError(
                f"{query.collection.name} cannot be counted: version 1 of the API returns at most 100 rows and no "
                "total. Set api_version to 2 in the connection"
            )
        return self._endpoints.count(query.collection, query.filters)

    def create(self, resource: str, record: Mapping[str, Any], reference: str | None = None) -> dict[str, Any]:
        """Create a record and return it as the API returned it.

        A POST is sent again only if the API certainly did not execute it. After a lost response the client first
        searches for the record by its reference, or by its unique number if it has no reference.

        :param resource: the collection.
        :param record: the record in the API's terms.
        :param reference: makes the call safe to repeat: an existing record with this reference is returned instead.
            None: the client does not search before it sends.
        :raises InvalidRecordError: the record is wrong, or the reference is on a record of another owner.
        :raises AmbiguousWriteError: the response was lost and the record has neither a reference nor a unique number,
            or the record with the unique number differs from the one that was sent.
        :raises SevenTimeError: the request failed.
        """
        prior_attempts = PriorAttempts.NONE_SENT if reference is None else PriorAttempts.UNKNOWN
        return self.create_or_find(resource, record, reference=reference, prior_attempts=prior_attempts).record

    def create_or_find(
        self,
        resource: str,
        record: Mapping[str, Any],
        *,
        reference: str | None,
        reference_field: str | None = None,
        if_exists: IfExists = "return",
        prior_attempts: PriorAttempts = PriorAttempts.UNKNOWN,
        write_log: WriteLog | None = None,
    ) -> CreateResult:
        """Create a record, or find the one that an earlier call created with the same reference.

        A record without a reference is found by its unique number, if it gives one: ``customerNumber``,
        ``projectNumber``, ``distributorNumber`` or ``userName``.

        :param resource: the collection.
        :param record: the record in the API's terms.
        :param reference: written as the last line ``[ref: ...]`` of ``reference_field``. None: no reference.
        :param reference_field: a text field of the record. None: the collection's own.
        :param if_exists: ``return`` the existing record, with a warning if it differs; ``match``: fail if it differs;
            ``fail`` always. Defaults to ``return``.
        :param prior_attempts: knowledge of earlier attempts. Defaults to ``UNKNOWN``: search once before sending.
        :param write_log: notes each POST before it is sent. None: no log.
        :raises InvalidRecordError: as for :meth:`create`, or the record exists and was cancelled, or ``if_exists`` does
            not accept it.
        :raises AmbiguousWriteError: as for :meth:`create`, or several records have the reference.
        :raises SevenTimeError: the request failed.
        """
        return self._creator.create(
            self._collection(resource, "create"),
            record,
            reference,
            reference_field,
            CreateOptions(if_exists=if_exists, prior_attempts=prior_attempts, write_log=write_log or WriteLog()),
        )

    def compare_existing(
        self,
        resource: str,
        record: Mapping[str, Any],
        existing: Mapping[str, Any],
        *,
        reference: str | None,
        reference_field: str | None = None,
        if_exists: IfExists = "return",
    ) -> CreateResult:
        """Return the result of a create whose record is known to exist. Nothing is sent.

        :param resource: as for :meth:`create_or_find`; so are the other parameters.
        :param existing: the existing record, as the API returned it.
        :raises InvalidRecordError: as for :meth:`create_or_find`.
        """
        collection = self._collection(resource, "create")
        return self._creator.compare(
            collection,
            record,
            existing,
            reference=reference,
            reference_field=reference_field,
            if_exists=if_exists,
        )

    def create_each(
        self,
        resource: str,
        records: Sequence[Mapping[str, Any]],
        *,
        references: Sequence[str] | None,
        reference_field: str | None = None,
        if_exists: IfExists = "return",
        prior_attempts: PriorAttempts = PriorAttempts.UNKNOWN,
        write_log: WriteLog | None = None,
    ) -> Sequence[CreateResult]:
        """Create many records, or find those that exist. One search serves all; then every record is tried.

        All records are checked before the first one is sent.

        :param resource: the collection.
        :param records: the records in the API's terms.
        :param references: one reference per record, all different. None: no references.
        :param reference_field: as for :meth:`create_or_find`; so are ``if_exists``, ``prior_attempts`` and
            ``write_log``.
        :return: one result per record, in order.
        :raises ConfigError: the references are not one per record, or not all different.
        :raises InvalidRecordError: records are wrong, each problem with the record's index; nothing was sent.
        :raises BatchError: some records could not be created; the others exist.
        :raises SevenTimeError: the search failed; nothing was sent.
        """
        return self._creator.create_each(
            self._collection(resource, "create"),
            records,
            references,
            reference_field,
            CreateOptions(if_exists=if_exists, prior_attempts=prior_attempts, write_log=write_log or WriteLog()),
        )

    def update(self, resource: str, record_id: str, changes: Mapping[str, Any]) -> UpdateResult:
        """Merge changes into a record.

        The fields that the API requires in every PUT are taken from the current record, and references in changed
        texts are preserved. Nothing is sent if the record already has the changes, so the call may be repeated.

        :param resource: the collection.
        :param record_id: its ``_id``.
        :param changes: the fields to change.
        :raises ConfigError: the collection is unknown or has no update or no get, or the id is empty.
        :raises InvalidRecordError: the changes are wrong.
        :raises NotFoundError: there is no such record.
        :raises SevenTimeError: the request failed.
        """
        collection = self._collection(resource, "update")
        self._collection(resource, "get")  # the current record is read first
        return self._updater.update(collection, record_id, changes)

    def put(self, resource: str, record_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send one PUT with exactly these fields, and return the record as the API returned it.

        :param resource: the collection.
        :param record_id: its ``_id``.
        :param body: the fields to change, and those that the API requires in every PUT.
        :raises ConfigError: the collection is unknown or has no update, or the id is empty.
        :raises InvalidRecordError: the body is wrong.
        :raises NotFoundError: there is no such record.
        :raises SevenTimeError: the request failed.
        """
        return self._updater.put(self._collection(resource, "update"), record_id, body)

    def delete(self, resource: str, record_id: str) -> dict[str, Any]:
        """Delete a record and return the API's response.

        A DELETE is retried after a lost response. If the retry does not find the record, the first one deleted it:
        that is a success.

        :param resource: the collection.
        :param record_id: its ``_id``.
        :raises NotFoundError: there was no such record.
        :raises SevenTimeError: the request failed.
        """
        collection = self._collection(resource, "delete")
        body = self._checker.check(collection, "delete", {"_id": check_id(collection, record_id)})
        return self._endpoints.delete(collection, body)

    def analyse(self, resource: str, query: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """Yield the rows of an analysis: counts and sums of a collection, computed by the API.

        :param resource: the collection.
        :param query: ``fromDate``, ``toDate``, ``groupBy``, ``metrics``, ``dateField``, ``filters``, ``sort``,
            ``limit``. None: the API's defaults.
        :raises ConfigError: the collection is unknown or has no analysis.
        :raises InvalidRecordError: the query is wrong.
        :raises SevenTimeError: a request failed.
        """
        collection = self._collection(resource, "analyse")
        return self._endpoints.analyse(collection, self._checker.check(collection, "analyse", query or {}))

    def check_record(self, resource: str, write: Write, record: Mapping[str, Any]) -> dict[str, Any]:
        """Check a record without sending it, and return it as the API takes it.

        :param resource: the collection.
        :param write: ``create``, ``update``, ``delete`` or ``analyse``.
        :param record: the record in the API's terms.
        :raises ConfigError: the collection is unknown or has no such write.
        :raises InvalidRecordError: the record is wrong. The error lists every problem.
        """
        return self._checker.check(self._collection(resource, write), write, record)

    def protection(self, resource: str, exclude_fields: Sequence[str], hash_fields: Sequence[str]) -> Protection:
        """Return the protection of personal data in a collection. The connection's ``hash_secret`` is its key.

        :param resource: the collection.
        :param exclude_fields: dotted paths of fields to omit.
        :param hash_fields: dotted paths of fields to replace by a keyed hash.
        :raises ConfigError: the collection is unknown, a path is wrong, or the connection has no ``hash_secret``.
        """
        collection = find_collection(resource, version=self.settings.api_version)
        return protection_of(collection, exclude_fields, hash_fields, self.settings.hash_secret)

    def stop(self) -> None:
        """Send nothing more, for the rest of the client's life.

        Every wait and every loop raises a :class:`.StoppedError` within half a second. A request that is already sent
        is answered first. A signal handler may call this: it sets an attribute and does nothing else.
        """
        self._stop.set()

    def close(self) -> None:
        """Close the connections. The client may be used again."""
        self._requester.close()

    def __enter__(self) -> SevenTimeClient:
        return self

    def __exit__(self, error_type: type[BaseException] | None, *_: object) -> None:
        if error_type is not None:
            # Nothing may wait for a response here: Airflow's execution_timeout and Ctrl+C end the task now.
            self.left_with_error = self.left_with_error or not self._stop.is_set
            self.stop()
            self._requester.abort()
        self.close()

    def _collection(self, resource: str, operation: Operation) -> CollectionSpec:
        return find_collection(resource, operation, self.settings.api_version)


def _check_max_records(max_records: int | None) -> None:
    if max_records is not None and max_records < 1:
        raise ConfigError(f"max_records: {max_records!r} is below 1; leave it out to read everything")
