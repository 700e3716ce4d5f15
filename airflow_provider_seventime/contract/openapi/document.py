"""Builder of the whole document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from airflow_provider_seventime.contract.openapi.components import Components
from airflow_provider_seventime.contract.openapi.naming import chapter_of, words
from airflow_provider_seventime.contract.openapi.paths import PARAMETERS, operations_of
from airflow_provider_seventime.contract.openapi.responses import ERROR, error_responses
from airflow_provider_seventime.contract.spec import CollectionSpec

SERVER = "https://app.seventime.se/api/2"
ABOUT = """\
Seven Time is a Swedish service for time reporting, work orders and invoicing. This document describes version 2 of its
API. The project airflow-provider-seventime wrote it from the vendor's documentation, without the vendor.

* Every request has the header `Client-Secret`: a key from Seven Time (Settings, Integrations, API). The vendor also
  names `Accept: application/json` and `Content-Type: application/json`; its curl samples send `Accept: */*`.
* The API allows four requests per second.
* Dates in requests are Swedish dates and local times. Responses have UTC instants. A calendar date is the instant of
  its midnight in Sweden: `2020-11-04T23:00:00.000Z` is 5 November 2020.
* PUT and DELETE have the record's `_id` in the body, except where the path has it.
* Ids are opaque text. The service also accepts text for numbers; send numbers.
* Responses have more fields than this document names.
"""


def build_openapi(collections: Mapping[str, CollectionSpec]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of collections in version 2 of the API.

    :param collections: the collections by name.
    :raises ValueError: two schemas have the same name, or the type of a record's field has no schema.
    """
    components = Components()
    components.add("ApiError", ERROR)
    paths: dict[str, dict[str, Any]] = {}
    chapters: dict[str, list[str]] = {}
    for collection in collections.values():
        chapter = chapter_of(collection, collections)
        chapters.setdefault(chapter, []).append(collection.name)
        created = collections[collection.created_resource or collection.name]
        for path, method, operation in operations_of(collection, created, _title(chapter), components):
            paths.setdefault(path, {})[method] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Seven Time API",
            "version": "2",
            "summary": "Time reporting, work orders and invoicing.",
            "description": ABOUT,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": SERVER}],
        "security": [{"clientSecret": []}],
        "tags": [{"name": _title(name), "description": ", ".join(sorted(chapters[name]))} for name in sorted(chapters)],
        "paths": paths,
        "components": {
            "schemas": components.schemas,
            "parameters": PARAMETERS,
            "responses": error_responses(),
            "securitySchemes": {"clientSecret": {"type": "apiKey", "in": "header", "name": "Client-Secret"}},
        },
    }


def openapi_text(document: Mapping[str, Any]) -> str:
    """Return a document in the form of its file: JSON with sorted keys, indented, with a final newline."""
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _title(chapter: str) -> str:
    return words(chapter).capitalize()
