"""What the API answers, as schemas."""

from __future__ import annotations

from airflow_provider_seventime.contract.openapi.components import Components, Schema
from airflow_provider_seventime.contract.openapi.naming import answer_name
from airflow_provider_seventime.contract.openapi.values import answer_schema
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


def record_schema(resource: CollectionSpec, components: Components) -> Schema:
    """Return a reference to the schema of a collection's records.

    Only the documented plain fields are in it: the API answers more, nested ones among them.
    """
    properties: dict[str, Schema] = {} if resource.singleton else {resource.id_field: {"type": "string"}}
    for name, kind in resource.fields.items():
        codes = resource.status_codes if name == resource.status_field else None
        properties[name] = answer_schema(kind, codes)
    if resource.id_field in resource.fields:
        properties[resource.id_field]["type"] = properties[resource.id_field]["type"][0]
    return components.add(
        answer_name(resource),
        {
            "type": "object",
            "description": f"One of {resource.name}, as answers have it; fields beside the named ones may come.",
            "properties": properties,
            **({} if resource.singleton else {"required": [resource.id_field]}),
            "additionalProperties": True,
        },
    )


def list_schema(resource: CollectionSpec, components: Components) -> Schema:
    """Return the schema of the answer to a list."""
    records: Schema = {"type": "array", "items": record_schema(resource, components)}
    if resource.bare_list:
        return records
    if not resource.paged:
        return components.add(f"{answer_name(resource)}List", _holding({"data": records}))
    meta = components.add("PageMeta", PAGE_META)
    return components.add(f"{answer_name(resource)}Page", _holding({"data": records, "meta": meta}))


def envelope_schema(resource: CollectionSpec, components: Components) -> Schema:
    """Return the schema of the answer to a get: the record under ``data``."""
    record = record_schema(resource, components)
    return components.add(f"{answer_name(resource)}Envelope", _holding({"data": record}))


def analytics_schema(components: Components) -> Schema:
    """Return the schema of the answer to an analysis."""
    components.add("AnalyticsMeta", ANALYTICS_META)
    return components.add("AnalyticsPage", ANALYTICS_PAGE)


def error_responses() -> dict[str, Schema]:
    """Return the errors by name, as the document's shared responses."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/ApiError"}}}
    return {name: {"description": text, "content": content} for name, text in ERRORS.values()}


def _holding(properties: dict[str, Schema]) -> Schema:
    return {"type": "object", "properties": properties, "required": sorted(properties)}
