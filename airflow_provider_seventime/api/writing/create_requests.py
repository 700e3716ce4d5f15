"""Requests of a create: the POST, and the search for a record that may exist already."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from airflow_provider_seventime.api.endpoints import Endpoints, PendingPost
from airflow_provider_seventime.api.http.versions import V1_ROWS
from airflow_provider_seventime.api.listing.list_query import ListQuery, QueryBuilder
from airflow_provider_seventime.api.rate_limit.clock import Clock
from airflow_provider_seventime.api.settings import Settings
from airflow_provider_seventime.api.writing.lease import WriteLease
from airflow_provider_seventime.api.writing.lookup import LookupKey, NewRecord, match_record, search_filters
from airflow_provider_seventime.api.writing.note_stores import NoteStore
from airflow_provider_seventime.contract.checking import check_id
from airflow_provider_seventime.contract.registry import find_collection
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import ConfigError, NotFoundError
from airflow_provider_seventime.per_process import PerProcess

MAX_OWNERS = 1000
OWNER_EXPIRY_SECONDS = 600.0


class OwnerValues:
    """Values of owners by which lists are filtered, such as the number of a customer. Each is read once per client.

    A value is read again after ten minutes, because a person may change it. Threads may share the object.

    :param endpoints: reads the owners.
    :param api_version: version of the API.
    :param clock: clock for the age of values.
    """

    def __init__(self, endpoints: Endpoints, api_version: int, clock: Clock) -> None:
        self._endpoints = endpoints
        self._api_version = api_version
        self._clock = clock
        self._values: dict[tuple[str, str, str], tuple[float, str]] = {}
        self._lock = PerProcess(threading.Lock)

    def get(self, resource: str, record_id: str, field: str) -> str:
        """Return a field of an owner. Empty: the owner has no such value.

        :param resource: collection of the owner.
        :param record_id: its ``_id``.
        :param field: the field.
        """
        key = (resource, record_id, field)
        now = self._clock.monotonic()
        with self._lock.value:
            known = self._values.get(key)
        if known is not None and now - known[0] < OWNER_EXPIRY_SECONDS:
            return known[1]
        owners = find_collection(resource, "get", self._api_version)
        value = str(self._endpoints.get(owners, check_id(owners, record_id)).get(field, ""))
        with self._lock.value:
            self._values.pop(key, None)
            self._values[key] = (now, value)
            if len(self._values) > MAX_OWNERS:
                del self._values[next(iter(self._values))]
        return value


class CreateRequests:
    """Requests of creates in one collection.

    :param collection: the collection.
    :param settings: the connection.
    :param endpoints: sends the requests.
    :param queries: checks the filters of searches.
    :param clock: the clock for waiting.
    :param notes: the store of write notes.
    :param owner_values: values of owners by which searches are filtered.
    """

    def __init__(
        self,
        collection: CollectionSpec,
        *,
        settings: Settings,
        endpoints: Endpoints,
        queries: QueryBuilder,
        clock: Clock,
        notes: NoteStore,
        owner_values: OwnerValues,
    ) -> None:
        self.collection = collection
        self._settings = settings
        self._endpoints = endpoints
        self._queries = queries
        self._clock = clock
        self._notes = notes
        self._owner_values = owner_values

    def post(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Create a checked record with one POST."""
        return self._endpoints.post(self.collection, record)

    def pending_post(self, record: Mapping[str, Any]) -> PendingPost:
        """Return the POST of a checked record, to be sent step by step."""
        return self._endpoints.pending_post(self.collection, record)

    def lease(self, key: LookupKey) -> WriteLease:
        """Return the lease of a reference or number; nothing is read or taken yet."""
        return WriteLease(self._notes, self.collection, key, self._clock)

    def get(self, record_id: str) -> dict[str, Any] | None:
        """Return a created record by its ``_id``. None: it does not exist, or the collection has no get."""
        created = find_collection(
            self.collection.created_resource or self.collection.name, version=self._settings.api_version
        )
        if "get" not in created.operations:
            return None
        try:
            return self._endpoints.get(created, record_id)
        except NotFoundError:
            return None

    def search_query(self, new_records: Sequence[NewRecord]) -> ListQuery:
        """Return the query that finds some records, if they exist. It may read the records' owner first."""
        records = [new_record.record for new_record in new_records]
        filters = search_filters(self.collection, records, self._settings.zone, self._owner_values.get)
        return self._queries.build(self.collection, filters)

    def search(self, query: ListQuery) -> Iterator[dict[str, Any]]:
        """Yield the records of a query.

        :raises ConfigError: version 1 of the API returned its maximum number of rows, so there may be more.
        """
        rows = 0
        for record in self._endpoints.list(query.collection, query.parameters(), None):
            rows += 1
            yield record
        if self._settings.api_version == 1 and rows >= V1_ROWS:
            raise ConfigError(
                f"{self.collection.name}: the search for an existing record is incomplete, because version 1 of the "
                f"API returns at most {V1_ROWS} rows. Set api_version to 2 in the connection"
            )

    def sleep(self, seconds: float) -> None:
        """Wait."""
        if seconds:
            self._clock.sleep(seconds)


class RecordSearch:
    """Search for one record that may exist already. The query is built once, at the first search.

    :param requests: the requests of the collection.
    :param new_record: the record to create, with a key.
    """

    def __init__(self, requests: CreateRequests, new_record: NewRecord) -> None:
        self._requests = requests
        self._new_record = new_record
        self._query: ListQuery | None = None

    def find(self, delays_seconds: Sequence[float]) -> dict[str, Any] | None:
        """Return the existing record. None: no search found it.

        :param delays_seconds: seconds to wait before each search; one search per delay.
        :raises AmbiguousWriteError: several records have the key.
        :raises InvalidRecordError: the record with the key belongs to another owner, or another record has its number.
        """
        for seconds in delays_seconds:
            self._requests.sleep(seconds)
            if self._query is None:
                self._query = self._requests.search_query([self._new_record])
            found = self._requests.search(self._query)
            existing = match_record(self._requests.collection, found, self._new_record)
            if existing is not None:
                return existing
        return None
