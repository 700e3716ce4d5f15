"""Versions 1 and 2 of the API: their paths, the encoding of request bodies, and the shape of responses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any
from urllib.parse import urlencode

from airflow_provider_seventime import exact_json

# A list of version 1 returns at most this many records, and has no further pages.
V1_ROWS = 100


@dataclass(frozen=True, slots=True)
class ApiVersion:
    """One version of the API.

    :param version: 1 or 2.
    :param base_path: path before the name of the collection.
    :param content_type: media type of request bodies.
    :param encode: encodes a record as a request body.
    :param wrapped: True if a response holds its single record under ``data``.
    """

    version: int
    base_path: str
    content_type: str
    encode: Callable[[Mapping[str, Any]], bytes]
    wrapped: bool


def encode_form(record: Mapping[str, Any]) -> bytes:
    """Encode a record as a form with nested fields in brackets: ``billingSettings[city]=Lund&users[0]=...``."""
    return urlencode([pair for name, value in record.items() for pair in _pairs(name, value)]).encode()


def _pairs(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _pairs(f"{path}[{name}]", inner)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _pairs(f"{path}[{index}]", inner)
    elif value is not None:
        yield path, _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return str(value.value)
    return format(value, "f") if isinstance(value, Decimal) else str(value)


API_V1 = ApiVersion(1, "/api/1", "application/x-www-form-urlencoded", encode_form, wrapped=False)
API_V2 = ApiVersion(2, "/api/2", "application/json", exact_json.encode, wrapped=True)
API_VERSIONS = {version.version: version for version in (API_V1, API_V2)}
