"""Paths of the document. Each operation of a collection is one operation of a path."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_provider_seventime.contract.checking import record_model
from airflow_provider_seventime.contract.openapi.components import Components, Schema
from airflow_provider_seventime.contract.openapi.naming import operation_id, singular, words
from airflow_provider_seventime.contract.openapi.records import model_schema
from airflow_provider_seventime.contract.openapi.responses import (
    ERRORS,
    analytics_schema,
    envelope_schema,
    list_schema,
    record_schema,
)
from airflow_provider_seventime.contract.openapi.values import ID, filter_schema
from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind, Filter, Match, Operation, Write

METHODS: dict[Operation, str] = {
    "list": "get",
    "get": "get",
    "create": "post",
    "update": "put",
    "delete": "delete",
    "analyse": "post",
}
VERBS: dict[Operation, str] = {
    "list": "List",
    "get": "Get",
    "create": "Create",
    "update": "Update",
    "delete": "Delete",
    "analyse": "Analyse",
}
WRITES: dict[Operation, Write] = {"create": "create", "update": "update", "delete": "delete", "analyse": "analyse"}
ID_PARAMETER: Schema = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "The record's id.",
    "schema": ID,
}
PARAMETERS: dict[str, Schema] = {
    "SortBy": {
        "name": "sortBy",
        "in": "query",
        "description": "Field of the records to sort by.",
        "schema": {"type": "string", "minLength": 1},
    },
    "SortDirection": {
        "name": "sortDirection",
        "in": "query",
        "schema": {"type": "string", "enum": ["ascending", "descending"]},
    },
    "Limit": {
        "name": "limit",
        "in": "query",
        "description": "Records on a page.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 100},
    },
    "Page": {
        "name": "page",
        "in": "query",
        "description": "Number of the page.",
        # The vendor documents no limit. This one fits the integers of generated clients.
        "schema": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 2**31 - 1, "default": 1},
    },
}
MATCH_SENTENCES = {
    Match.EQUALS: "Equal to {field}.",
    Match.CONTAINS: "Contained in {field}.",
    Match.FROM: "{field} is at this time or later.",
    Match.TO: "{field} is at this time or earlier.",
}


def operations_of(
    collection: CollectionSpec, created: CollectionSpec, tag: str, components: Components
) -> Iterator[tuple[str, str, Schema]]:
    """Yield path, method and operation object of each operation of a collection.

    :param created: collection of the record that a POST returns.
    :param tag: title of the chapter.
    :param components: receives the schemas of the operations.
    """
    for operation in sorted(collection.operations):
        description = _description(collection, operation)
        yield (
            path_of(collection, operation),
            METHODS[operation],
            {
                "operationId": operation_id(collection, operation),
                "summary": _summary(collection, operation),
                **({"description": description} if description else {}),
                "tags": [tag],
                **_parameters(collection, operation, components),
                **_body(collection, operation, components),
                "responses": {
                    **_success(collection, created, operation, components),
                    **{str(status): {"$ref": f"#/components/responses/{name}"} for status, (name, _) in ERRORS.items()},
                },
            },
        )


def path_of(collection: CollectionSpec, operation: Operation) -> str:
    """Return the path of an operation below the base of the API."""
    if operation == "analyse":
        return f"/analytics/{collection.name}"
    return f"/{collection.name}/{{id}}" if _has_id_in_path(collection, operation) else f"/{collection.name}"


def _has_id_in_path(collection: CollectionSpec, operation: Operation) -> bool:
    if operation == "delete":
        return collection.delete_in_path
    return operation == "get" and not collection.singleton


def _summary(collection: CollectionSpec, operation: Operation) -> str:
    if operation == "create" and collection.created_resource:
        return words(collection.name).capitalize()
    many = operation in ("list", "analyse")
    return f"{VERBS[operation]} {words(collection.name if many else singular(collection.name))}"


def _description(collection: CollectionSpec, operation: Operation) -> str:
    """Return the rules of an operation that its schemas do not express."""
    if operation == "update" and collection.restated_on_update:
        repeated = ", ".join(f"`{name}`" for name in collection.restated_on_update)
        return f"Repeat these fields even if they do not change: {repeated}. Others keep their values if left out."
    if operation == "update":
        return "Fields that are left out keep their values."
    if operation == "create" and collection.reference_field:
        return (
            "The API has no idempotency keys: after a lost response, search for the record before sending it again. "
            f"`{collection.reference_field}` can hold a reference to search for."
        )
    return "Changes nothing." if operation == "analyse" else ""


def _parameters(collection: CollectionSpec, operation: Operation, components: Components) -> Schema:
    if operation == "list":
        shared = [name for name in PARAMETERS if collection.paged or name.startswith("Sort")]
        filters = [_filter(name, known, components) for name, known in collection.filters.items()]
        return {"parameters": filters + [{"$ref": f"#/components/parameters/{name}"} for name in shared]}
    return {"parameters": [ID_PARAMETER]} if _has_id_in_path(collection, operation) else {}


def _filter(name: str, known: Filter, components: Components) -> Schema:
    return {
        "name": name,
        "in": "query",
        "required": known.required,
        "description": MATCH_SENTENCES[known.match].format(field=f"`{known.field or name}`"),
        "schema": filter_schema(known, components),
    }


def _body(collection: CollectionSpec, operation: Operation, components: Components) -> Schema:
    write = WRITES.get(operation)
    if write is None or _has_id_in_path(collection, operation):
        return {}
    integers = frozenset(name for name, kind in collection.fields.items() if kind is FieldKind.INTEGER)
    schema = model_schema(record_model(collection, write), components, integers)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _success(
    collection: CollectionSpec, created: CollectionSpec, operation: Operation, components: Components
) -> Schema:
    if operation == "list":
        schema, text = list_schema(collection, components), "The records."
    elif operation == "get":
        schema, text = envelope_schema(collection, components), "The record."
    elif operation == "analyse":
        schema, text = analytics_schema(components), "The rows."
    else:
        of = created if operation == "create" else collection
        schema, text = record_schema(of, components), "The record, not wrapped."
    status = collection.created_status if operation == "create" else 200
    return {str(status): {"description": text, "content": {"application/json": {"schema": schema}}}}
