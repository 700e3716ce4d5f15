"""What the API answers, as schemas."""

from __future__ import annotations

from airflow_provider_seventime.contract.openapi.components import Components, Schema
from airflow_provider_seventime.contract.openapi.naming import schema_name
from airflow_provider_seventime.contract.openapi.values import response_field_schema
from airflow_provider_seventime.contract.spec import CollectionSpec

COUNT: Schema = {"type": "integer", "minimum": 0}
PAGE_META: Schema = {
    "type": "object",
    "description": "Where a page stands in its list.",
    "properties": {"totalResources": COUNT, "totalPages": COUNT, "currentPage": {"type": "integer", "minimum": 1}},
    "required": ["totalResources", "totalPages", "currentPage"],
}
ANALYTICS_META: Schema = {
    "type": "object",
    "description": "Whether there are more rows; nextPage is then the page to ask for.",
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
    "description": "Why a request was refused.",
    "properties": {"errorMessage": {"type": "string"}},
    "required": ["errorMessage"],
}
ERRORS = {
    400: ("BadRequest", "The request is invalid."),
    401: ("Unauthorized", "The key is missing or unknown."),
    403: ("Forbidden", "The key may not do this."),
    404: ("NotFound", "There is no such record."),
    429: ("TooManyRequests", "More than four requests in a second. No Retry-After is documented."),
    500: ("ServerError", "The service failed."),
    503: ("Maintenance", "The service is closed for maintenance."),
}


def record_schema(collection: CollectionSpec, components: Components) -> Schema:
    """Return a reference to the schema of a collection's records.

    Only the documented plain fields are in it: the API answers more, nested ones among them.
    """
    properties: dict[str, Schema] = {} if collection.singleton else {collection.id_field: {"type": "string"}}
    for name, kind in collection.fields.items():
        codes = collection.status_codes if name == collection.status_field else None
        properties[name] = response_field_schema(kind, codes)
    if collection.id_field in collection.fields:
        properties[collection.id_field]["type"] = properties[collection.id_field]["type"][0]
    return components.add(
        schema_name(collection),
        {
            "type": "object",
            "description": f"One of {collection.name}, as answers have it; fields beside the named ones may come.",
            "properties": properties,
            **({} if collection.singleton else {"required": [collection.id_field]}),
            "additionalProperties": True,
        },
    )


def list_schema(collection: CollectionSpec, components: Components) -> Schema:
    """Return the schema of the answer to a list."""
    records: Schema = {"type": "array", "items": record_schema(collection, components)}
    if collection.bare_list:
        return records
    if not collection.paged:
        return components.add(f"{schema_name(collection)}List", _object_schema({"data": records}))
    meta = components.add("PageMeta", PAGE_META)
    return components.add(f"{schema_name(collection)}Page", _object_schema({"data": records, "meta": meta}))


def envelope_schema(collection: CollectionSpec, components: Components) -> Schema:
    """Return the schema of the answer to a get: the record under ``data``."""
    record = record_schema(collection, components)
    return components.add(f"{schema_name(collection)}Envelope", _object_schema({"data": record}))


def analytics_schema(components: Components) -> Schema:
    """Return the schema of the answer to an analysis."""
    components.add("AnalyticsMeta", ANALYTICS_META)
    return components.add("AnalyticsPage", ANALYTICS_PAGE)


def error_responses() -> dict[str, Schema]:
    """Return the errors by name, as the document's shared responses."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/ApiError"}}}
    return {name: {"description": text, "content": content} for name, text in ERRORS.values()}


def _object_schema(properties: dict[str, Schema]) -> Schema:
    return {"type": "object", "properties": properties, "required": sorted(properties)}
