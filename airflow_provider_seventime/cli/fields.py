"""Rows of the commands ``collections`` and ``fields``, from the contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_seventime.contract.checking import record_model
from airflow_provider_seventime.contract.openapi.components import Components
from airflow_provider_seventime.contract.openapi.records import model_schema
from airflow_provider_seventime.contract.operations_table import ORDER, WRITES, required_fields
from airflow_provider_seventime.contract.spec import CollectionSpec


def collection_rows(collections: Mapping[str, CollectionSpec]) -> list[dict[str, Any]]:
    """Return a row for each collection.

    :param collections: the collections by name.
    """
    return [
        {
            "collection": name,
            "operations": ", ".join(one for one in ORDER if one in collections[name].operations),
            "filters": ", ".join(collections[name].filters),
        }
        for name in sorted(collections)
    ]


def field_rows(collection: CollectionSpec) -> list[dict[str, Any]]:
    """Return a row for each field of a collection: those of responses, of filters and of writes.

    :param collection: the collection.
    """
    kinds = {collection.id_field: "id", **{name: str(kind) for name, kind in collection.fields.items()}}
    filters: dict[str, list[str]] = {}
    required: dict[str, list[str]] = {}
    for name, known in collection.filters.items():
        for field in (known.field or name).split():
            filters.setdefault(field, []).append(name)
            kinds.setdefault(field, str(known.kind))
            if known.required:
                required.setdefault(field, []).append("list")
    for write in WRITES:
        if write not in collection.operations:
            continue
        model = record_model(collection, write)
        for field, kind in _written(model).items():
            kinds.setdefault(field, kind)
        for field in required_fields(model):
            kinds.setdefault(field, "")
            required.setdefault(field, []).append(write)
    return [
        {
            "field": field,
            "type": kind,
            "filters": ", ".join(filters.get(field, ())),
            "required by": ", ".join(required.get(field, ())),
        }
        for field, kind in kinds.items()
    ]


def _written(model: Any) -> dict[str, str]:
    """Return the fields of a model and their types, by the schema of the model."""
    components = Components()
    model_schema(model, components)
    properties = components.schemas[model.__name__]["properties"]
    return {name: "code" if "$ref" in schema else str(schema.get("type", "")) for name, schema in properties.items()}
