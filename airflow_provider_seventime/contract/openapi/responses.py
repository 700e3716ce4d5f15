"""Schemas of the API's responses."""

from __future__ import annotations

from airflow_provider_seventime.contract.openapi.components import Components, Schema
from airflow_provider_seventime.contract.openapi.naming import schema_name
from airflow_provider_seventime.contract.openapi.values import CHOSEN_NUMBER, response_field_schema
from airflow_provider_seventime.contract.spec import CollectionSpec

COUNT: Schema = {"type": "integer", "minimum": 0}
PAGE_META: Schema = {
    "type": "object",
    "description": "Position of a page in its list.",
    "properties": {"totalResources": COUNT, "totalPages": COUNT, "currentPage": {"type": "integer", "minimum": 1}},
    "required": ["totalResources", "totalPages", "currentPage"],
}
ANALYTICS_META: Schema = {
    "type": "object",
    "description": "If hasMore is true, nextPage is the number of the next page.",
    "properties": {"hasMore": {"type": "boolean"}, "nextPage": {"type": ["integer", "null"]}},
    "required": ["hasMore"],
}
ANALYTICS_PAGE: Schema = {
    "type": "object",
    "description": "Rows of an analysis. Their fields depend on groupBy and metrics.",
    "properties": {
        "data": {"type": "array", "items": {"type": "object", "additionalProperties": True}},
        "meta": {"$ref": "#/components/schemas/AnalyticsMeta"},
    },
    "required": ["data", "meta"],
}
ERROR: Schema = {
    "type": "object",
    "description": "Reason for the refusal of a request.",
    "properties": {"errorMessage": {"type": "string"}},
    "required": ["errorMessage"],
}
ERRORS = {
    400: ("BadRequest", "The request is invalid."),
    401: ("Unauthorized", "The key is missing or unknown."),
    403: ("Forbidden", "The key does not have this permission."),
    404: ("NotFound", "The record does not exist."),
    429: ("TooManyRequests", "More than four requests in one second. A Retry-After header is not documented."),
    500: ("ServerError", "The service failed."),
    503: ("Maintenance", "The service is down for maintenance."),
}


def record_schema(collection: CollectionSpec, components: Components) -> Schema:
    """Return a reference to the schema of a collection's records.

    It has the documented plain fields. The API returns more fields, among them nested ones.
    """
    properties: dict[str, Schema] = {} if collection.singleton else {collection.id_field: {"type": "string"}}
    for name, kind in collection.fields.items():
        codes = collection.status_codes if name == collection.status_field else None
        chosen = name in collection.chosen_numbers
        properties[name] = CHOSEN_NUMBER if chosen else response_field_schema(kind, codes)
    if collection.id_field in collection.fields:
        properties[collection.id_field]["type"] = properties[collection.id_field]["type"][0]
    return components.add(
        schema_name(collection),
        {
            "type": "object",
            "description": f"One record of {collection.name} in a response. It may have more fields than these.",
            "properties": properties,
            **({} if collection.singleton else {"required": [collection.id_field]}),
            "additionalProperties": True,
        },
    )


def list_schema(collection: CollectionSpec, components: Components) -> Schema:
    """Return the schema of the response to a list."""
    records: Schema = {"type": "array", "items": record_schema(collection, components)}
    if collection.bare_list:
        return records
    if not collection.paged:
        return components.add(f"{schema_name(collection)}List", _object_schema({"data": records}))
    meta = components.add("PageMeta", PAGE_META)
    return components.add(f"{schema_name(collection)}Page", _object_schema({"data": records, "meta": meta}))


def envelope_schema(collection: CollectionSpec, components: Components) -> Schema:
    """Return the schema of the response to a get: the record under ``data``."""
    record = record_schema(collection, components)
    return components.add(f"{schema_name(collection)}Envelope", _object_schema({"data": record}))


def analytics_schema(components: Components) -> Schema:
    """Return the schema of the response to an analysis."""
    components.add("AnalyticsMeta", ANALYTICS_META)
    return components.add("AnalyticsPage", ANALYTICS_PAGE)


def error_responses() -> dict[str, Schema]:
    """Return the shared error responses of the document, by name."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/ApiError"}}}
    return {name: {"description": text, "content": content} for name, text in ERRORS.values()}


def _object_schema(properties: dict[str, Schema]) -> Schema:
    return {"type": "object", "properties": properties, "required": sorted(properties)}
