"""Lists of one collection as JSON and plain fields, with personal data protected."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind
from airflow_provider_seventime.exceptions import ProtocolError
from airflow_provider_seventime.transfers.reading.plan import Plan

if TYPE_CHECKING:  # the client is loaded when work begins, not when a DAG is parsed
    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.api.listing.list_query import ListQuery
    from airflow_provider_seventime.contract.protection import Protection


logger = logging.getLogger(__name__)

MOST_NAMED = 50


class ReadRecord(NamedTuple):
    """Record of a list, with its personal data protected.

    :param fields: its id and its documented plain fields; it may have other fields too.
    :param json: the whole record. Without protection this is the very text of the response.
    """

    fields: Mapping[str, Any]
    json: bytes


class ListReader:
    """Reads lists of one collection.

    :param client: to read from.
    :param collection: the collection.
    :param protection: the fields that are left out or hashed.
    """

    def __init__(self, client: SevenTimeClient, collection: CollectionSpec, protection: Protection) -> None:
        self._client = client
        self._protection = protection
        self._collection_name = collection.name
        self._decode_fields = exact_json.partial_decoder([collection.id_field, *collection.fields])

    def read(
        self, query: ListQuery, filters: Mapping[str, Any] | None = None, *, plan: Plan | None = None
    ) -> Iterator[ReadRecord]:
        """Yield the records of a list, each once.

        :param query: of the collection, with checked filters.
        :param filters: filters to add; None: none.
        :param plan: yield only the records that belong to its window; None: all records.
        :raises IncompleteReadError: the list could not be shown to be complete.
        :raises ProtocolError: a record is not JSON of a readable form, or its instant that decides on the window.
        """
        if not self._protection.is_empty:
            for record in self._client.list(query, filters):
                if plan is None or plan.covers(instant_of(plan, record)):
                    yield self.protect(record)
            self._report_unknown_fields()
            return
        for json in self._client.list_json(query, filters):
            try:
                fields = self._decode_fields(json)
            except ValueError as error:
                raise ProtocolError(
                    f"{query.collection.name}: a record cannot be read: {error}; ask the vendor about it"
                ) from error
            if plan is None or plan.covers(instant_of(plan, fields)):
                yield ReadRecord(fields, json)

    def _report_unknown_fields(self) -> None:
        """Log the undocumented fields of protected records, once per read."""
        unknown = self._protection.unknown_fields
        if unknown:
            logger.warning(
                "%s: the API returns fields that it does not document, and they are written to record: %s. Exclude "
                "those with personal data (exclude_fields, with a question mark: 'nickName?')",
                self._collection_name,
                ", ".join(sorted(unknown)[:MOST_NAMED]),
            )
            unknown.clear()

    def protect(self, record: Mapping[str, Any]) -> ReadRecord:
        """Return a whole record in the form of :meth:`read`.

        :param record: as the API returned it.
        """
        protected = self._protection.apply(record)
        return ReadRecord(protected, exact_json.encode(protected))

    def count(self, query: ListQuery, filters: Mapping[str, Any]) -> int:
        """Return how many records a list has, with one request.

        :param query: of the collection, with checked filters.
        :param filters: filters to add.
        """
        return self._client.count(query, filters)


def instant_of(plan: Plan, record: Mapping[str, Any]) -> datetime | None:
    """Return the instant that decides whether a record belongs to the plan's window; None: no instant, or no window.

    :param plan: of the read.
    :param record: the fields of the record.
    :raises ProtocolError: the value is not an instant.
    """
    from airflow_provider_seventime.warehouse.values import typed_value

    if plan.window is None:
        return None
    found: datetime | None = typed_value(plan.collection, record, plan.window[0], FieldKind.INSTANT)
    return found
