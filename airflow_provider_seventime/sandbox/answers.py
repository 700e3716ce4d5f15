"""The forms in which the sandbox answers."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.sandbox.query import Page

JSON_TYPE = "application/json; charset=utf-8"


def json_answer(value: Any, status: int = 200) -> Response:
    """Return a JSON answer."""
    return Response(exact_json.encode(value), status, media_type=JSON_TYPE)


def error_answer(status: int, message: str) -> Response:
    """Return an error as the API words it."""
    return json_answer({"errorMessage": message}, status)


def list_body(page: Page, *, paged: bool) -> dict[str, Any]:
    """Return the body of a list: with ``meta`` where the list has pages."""
    if not paged:
        return {"data": page.records}
    meta = {"totalResources": page.total, "totalPages": page.pages, "currentPage": page.number}
    return {"meta": meta, "data": page.records}
