"""JSON responses."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from airflow_provider_seventime import exact_json

JSON_TYPE = "application/json; charset=utf-8"


def json_response(value: Any, status: int = 200) -> Response:
    """Return a JSON response."""
    return Response(exact_json.encode(value), status, media_type=JSON_TYPE)


def error_response(status: int, message: str) -> Response:
    """Return an error response in the API's form: ``{"errorMessage": "..."}``."""
    return json_response({"errorMessage": message}, status)
