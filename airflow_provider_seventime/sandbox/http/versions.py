"""Versions 1 and 2 of the API: headers and bodies of requests, form of responses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.sandbox.http.forms import decode_form
from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.state.query import ListPage
from airflow_provider_seventime.sandbox.state.store import Record

JSON = "application/json"
# curl sends ``*/*``, as the vendor's samples do.
ACCEPTED = frozenset({JSON, "application/*", "*/*"})
# The vendor's samples of version 1 leave "application/" out.
FORMS = frozenset({"application/x-www-form-urlencoded", "x-www-form-urlencoded"})
V1_MAX_ROWS = 100
Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class VersionFormat:
    """Headers, bodies and responses of one version of the API.

    :param check_headers: refuses a request (headers, body) whose headers do not fit the version.
    :param read_body: decodes the body of a write.
    :param get_response: returns the response to a get.
    :param write_response: returns the response to a write.
    :param list_response: returns the response to a list.
    """

    check_headers: Callable[[Headers, bytes], None]
    read_body: Callable[[bytes], Any]
    get_response: Callable[[Record], Any]
    write_response: Callable[[Record], Any]
    list_response: Callable[[CollectionSpec, ListPage], Any]


def _check_json_headers(headers: Headers, body: bytes) -> None:
    accepted = {part.partition(";")[0].strip().lower() for part in headers.get("accept", "").split(",")}
    if accepted.isdisjoint(ACCEPTED):
        raise bad_request(f"Accept: must be {JSON}")
    if body and _content_type(headers) != JSON:
        raise bad_request(f"Content-Type: must be {JSON}")


def _check_form_headers(headers: Headers, body: bytes) -> None:
    if body and _content_type(headers) not in FORMS:
        raise bad_request("Content-Type: must be application/x-www-form-urlencoded")


def _content_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def read_json(body: bytes) -> Any:
    """Decode a JSON body.

    :raises RequestRefusedError: the body is not JSON (400).
    """
    try:
        return exact_json.decode(body)
    except ValueError as error:
        raise bad_request(f"the body is not JSON: {error}") from error


def _list_response(collection: CollectionSpec, page: ListPage) -> Any:
    if collection.bare_list:
        return page.records
    if not collection.paged:
        return {"data": page.records}
    meta = {"totalResources": page.total, "totalPages": page.pages, "currentPage": page.number}
    return {"meta": meta, "data": page.records}


def _with_version_key(record: Record) -> Record:
    """Return a record of version 1, which has the field ``__v`` of Mongoose."""
    return {**record, "__v": 0}


V1 = VersionFormat(
    check_headers=_check_form_headers,
    read_body=decode_form,
    get_response=_with_version_key,
    write_response=_with_version_key,
    list_response=lambda _collection, page: [_with_version_key(record) for record in page.records[:V1_MAX_ROWS]],
)
V2 = VersionFormat(
    check_headers=_check_json_headers,
    read_body=read_json,
    get_response=lambda record: {"data": record},
    write_response=lambda record: record,
    list_response=_list_response,
)
VERSION_FORMATS: Mapping[int, VersionFormat] = {1: V1, 2: V2}
