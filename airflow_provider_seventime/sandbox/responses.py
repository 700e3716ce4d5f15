"""The forms in which the sandbox answers."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from airflow_provider_seventime import exact_json

JSON_TYPE = "application/json; charset=utf-8"


def json_answer(value: Any, status: int = 200) -> Response:
    """Return a JSON answer."""
    return Response(exact_json.encode(value), status, media_type=JSON_TYPE)


def error_answer(status: int, message: str) -> Response:
    """Return an error as the API words it."""
    return json_answer({"errorMessage": message}, status)
