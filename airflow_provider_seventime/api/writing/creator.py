"""Creates of the client: each record is checked, given its reference, searched for and sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from airflow_provider_seventime.api.endpoints import Endpoints
from airflow_provider_seventime.api.listing.list_query import QueryBuilder
from airflow_provider_seventime.api.rate_limit.clock import Clock
from airflow_provider_seventime.api.settings import Settings
from airflow_provider_seventime.api.writing.create_batch import check_batch, create_batch
from airflow_provider_seventime.api.writing.create_once import CreateOptions, create_once, create_without_key
from airflow_provider_seventime.api.writing.create_requests import CreateRequests, OwnerValues
from airflow_provider_seventime.api.writing.existing_record import CreateResult, IfExists, existing_result
from airflow_provider_seventime.api.writing.lookup import LookupKey, NewRecord, unique_number_key
from airflow_provider_seventime.api.writing.note_stores import NoteStore
from airflow_provider_seventime.api.writing.record_checker import RecordChecker
from airflow_provider_seventime.api.writing.references import add_reference, check_reference, reference_field_of
from airflow_provider_seventime.contract.spec import CollectionSpec


class Creator:
    """Creates records, each once.

    :param settings: the connection.
    :param endpoints: sends the requests.
    :param queries: checks the filters of searches.
    :param checker: checks the records.
    :param clock: the clock for waiting.
    :param notes: the store of write notes.
    """

    def __init__(
        self,
        settings: Settings,
        endpoints: Endpoints,
        queries: QueryBuilder,
        checker: RecordChecker,
        *,
        clock: Clock,
        notes: NoteStore,
    ) -> None:
        self._settings = settings
        self._endpoints = endpoints
        self._queries = queries
        self._checker = checker
        self._clock = clock
        self._notes = notes
        self._owner_values = OwnerValues(endpoints, settings.api_version, clock)

    def create(
        self,
        collection: CollectionSpec,
        record: Mapping[str, Any],
        reference: str | None,
        reference_field: str | None,
        options: CreateOptions,
    ) -> CreateResult:
        """Create a record, or find the existing one: see :meth:`.SevenTimeClient.create_or_find`."""
        new_record = self._new_record(collection, record, reference, reference_field)
        requests = self._requests(collection)
        if new_record.key is None:
            return create_without_key(requests, new_record.record, options.prior_attempts, options.write_log)
        return create_once(requests, new_record, options, requests.lease(new_record.key))

    def create_each(
        self,
        collection: CollectionSpec,
        records: Sequence[Mapping[str, Any]],
        references: Sequence[str] | None,
        reference_field: str | None,
        options: CreateOptions,
    ) -> list[CreateResult]:
        """Create many records, or find the existing ones: see :meth:`.SevenTimeClient.create_each`."""
        check = partial(self._new_record, collection, reference_field=reference_field)
        new_records = check_batch(collection.name, records, references, check)
        return create_batch(self._requests(collection), new_records, options)

    def compare(
        self,
        collection: CollectionSpec,
        record: Mapping[str, Any],
        existing: Mapping[str, Any],
        *,
        reference: str | None,
        reference_field: str | None,
        if_exists: IfExists,
    ) -> CreateResult:
        """Compare a record with the existing one: see :meth:`.SevenTimeClient.compare_existing`."""
        new_record = self._new_record(collection, record, reference, reference_field)
        return existing_result(collection, new_record, dict(existing), if_exists)

    def _requests(self, collection: CollectionSpec) -> CreateRequests:
        return CreateRequests(
            collection,
            settings=self._settings,
            endpoints=self._endpoints,
            queries=self._queries,
            clock=self._clock,
            notes=self._notes,
            owner_values=self._owner_values,
        )

    def _new_record(
        self, collection: CollectionSpec, record: Mapping[str, Any], reference: str | None, reference_field: str | None
    ) -> NewRecord:
        if reference is None:
            checked = self._checker.check(collection, "create", record)
            return NewRecord(checked, unique_number_key(collection, checked))
        key = LookupKey(reference_field_of(collection, reference_field), check_reference(reference))
        checked = self._checker.check(collection, "create", record)
        checked[key.field] = add_reference(checked.get(key.field), key.value)
        return NewRecord(checked, key)
