"""Checked queries of lists: the filters of a run are checked once and then passed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_seventime.api.settings import Settings
from airflow_provider_seventime.contract.checking import check_filters, check_sort
from airflow_provider_seventime.contract.spec import CollectionSpec


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Collection with checked filters. :class:`QueryBuilder` makes it.

    :param collection: the collection.
    :param filters: filter name to the text that the API takes.
    """

    collection: CollectionSpec
    filters: Mapping[str, str]

    def parameters(self, sort_by: str | None = None) -> dict[str, str]:
        """Return the query parameters of a request.

        :param sort_by: a field of the records, with a leading minus for descending order. None: by ``_id`` if the list
            has pages, unsorted otherwise.
        :raises InvalidRecordError: no documented field has that name.
        """
        # Pages need a stable order; a list without pages may not have the sort parameters at all.
        order = check_sort(self.collection, sort_by) if self.collection.paged or sort_by else {}
        return {**self.filters, **order}


class QueryBuilder:
    """Checks filters by the settings of a connection.

    :param settings: the connection: its time zone, and ``strict``, which refuses unknown filters.
    """

    def __init__(self, settings: Settings) -> None:
        self._zone = settings.zone
        self._strict = settings.strict

    def build(self, collection: CollectionSpec, filters: Mapping[str, Any] | None = None) -> ListQuery:
        """Return the query for a collection.

        :param collection: the collection.
        :param filters: filter name to value. None: all records.
        :raises InvalidRecordError: a filter is unknown, missing, or has a wrong value. The error lists every problem.
        """
        return ListQuery(collection, check_filters(collection, filters, self._zone, strict=self._strict))

    def narrow(self, query: ListQuery, filters: Mapping[str, Any] | None) -> ListQuery:
        """Return a query with more filters. Only the added filters are checked.

        :param query: a checked query.
        :param filters: filters to add. They replace filters of the same name. None: none.
        :raises InvalidRecordError: an added filter is unknown or has a wrong value.
        """
        if not filters:
            return query
        added = check_filters(
            query.collection, filters, self._zone, strict=self._strict, already_checked=query.filters.keys()
        )
        return ListQuery(query.collection, {**query.filters, **added})
