"""The user's filters of a read: their check, and the field values that they require."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.contract.registry import find_collection
from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind, Filter, FilterKind, Match
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.templates import require_rendered

if TYPE_CHECKING:  # the client is loaded when work begins, not when a DAG is parsed
    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.api.listing.list_query import ListQuery

MODIFIED = "lastModified"


def conditions_of(query: ListQuery) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the field values that checked filters require, and the names of filters that require no single value.

    :param query: from :func:`check_user_filters`.
    """
    equal: dict[str, Any] = {}
    inexpressible: list[str] = []
    for name, text in query.filters.items():
        # A connection that is not strict sends filters that the contract does not have.
        spec = query.collection.filters.get(name, Filter(match=Match.CONTAINS))
        field_name = spec.field or name
        value = _column_value(spec, query.collection.fields.get(field_name), text)
        if value is None:
            inexpressible.append(name)
        else:
            equal[field_name] = value
    return equal, tuple(inexpressible)


def _column_value(spec: Filter, kind: FieldKind | None, text: str) -> str | bool | int | None:
    """Return the value that a column must have for a filter to match its row; None where no single value does."""
    if spec.match is not Match.EQUALS:
        return None
    if spec.kind is FilterKind.ID and kind is FieldKind.ID:
        return text
    if spec.kind is FilterKind.BOOLEAN and kind is FieldKind.BOOLEAN:
        return text == "true"
    if spec.kind is FilterKind.NUMBER and kind is FieldKind.TEXT and text.isdecimal():
        return str(int(text))  # a number that identifies, such as workOrderNumber
    if spec.kind is FilterKind.NUMBER and kind is FieldKind.INTEGER and text.isdecimal():
        return int(text)
    return None


def _parameter_of(collection: CollectionSpec, name: str) -> str | None:
    """Return the parameter that sets a filter; None: the user sets it."""
    window = collection.window
    parameters = {MODIFIED: "modified_since"}
    if window is not None:
        parameters[window.from_filter] = "start"
        parameters |= {other: "end" for other in (window.to_filter, window.ends_filter) if other}
    return parameters.get(name)


def check_user_filters(client: SevenTimeClient, resource: str, filters: Any) -> ListQuery:
    """Return the query for a collection with the user's filters, checked once for all requests of a run.

    :param client: to read from.
    :param resource: the API's name of the collection.
    :param filters: filter to value; None: no filters.
    :raises ConfigError: the collection is unknown or has no list, the filters are not a mapping,
        one of them is for time, or a template rendered to nothing.
    :raises InvalidRecordError: a filter is unknown or has a wrong value.
    """
    if filters is not None and not isinstance(filters, Mapping):
        raise ConfigError(f"filters must be a mapping of filter to value, not {type(filters).__name__}")
    collection = find_collection(resource, "list", client.settings.api_version)
    given = dict(filters or {})
    for name, value in given.items():
        if parameter := _parameter_of(collection, name):
            raise ConfigError(f"filters: {name} is set by the transfer; give {parameter} instead")
        if value is not None:
            require_rendered(f"filters: {name}", value)
    return client.list_query(resource, given)
