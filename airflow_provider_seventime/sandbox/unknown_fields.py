"""Requests without the fields and query parameters that the contract does not know, for a lenient sandbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from airflow_provider_seventime.contract.records.base import Record, record_type
from airflow_provider_seventime.contract.spec import CollectionSpec

LIST_PARAMETERS = frozenset({"limit", "page", "sortBy", "sortDirection"})


def known_fields(model: type[Record], body: Any) -> Any:
    """Return a body with the fields of its model, also in nested records.

    Anything that is no object is returned as it is, for the check that follows.
    """
    if isinstance(body, list):
        return [known_fields(model, one) for one in body]
    if not isinstance(body, Mapping) or model.documented_loosely:
        return body
    given = model.with_right_names(body)
    parts = {info.alias or name: record_type(info.annotation) for name, info in model.model_fields.items()}
    known = {name: value for name, value in given.items() if name in parts}
    return {name: known_fields(part, value) if (part := parts[name]) else value for name, value in known.items()}


def known_parameters(collection: CollectionSpec, parameters: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the query parameters that the list of a collection has."""
    return [(name, value) for name, value in parameters if name in LIST_PARAMETERS or name in collection.filters]
