"""The two versions of the API: what requests must look like, and how answers are wrapped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.sandbox.http.forms import decode_form
from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.state.query import Page
from airflow_provider_seventime.sandbox.state.store import Record

JSON = "application/json"
# The vendor's samples of version 1 leave "application/" out.
FORMS = frozenset({"application/x-www-form-urlencoded", "x-www-form-urlencoded"})
V1_ROWS = 100
Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one version of the API is spoken.

    :param check_headers: refuses a request (method, headers) without the headers that the documents call required.
    :param read_body: reads the body of a write.
    :param single: wraps the record of a get.
    :param written: wraps the record of a write.
    :param listed: wraps the page of a list.
    """

    check_headers: Callable[[str, Headers], None]
    read_body: Callable[[bytes], Any]
    single: Callable[[Record], Any]
    written: Callable[[Record], Any]
    listed: Callable[[CollectionSpec, Page], Any]


def _check_json_headers(_method: str, headers: Headers) -> None:
    accepted = {part.partition(";")[0].strip().lower() for part in headers.get("accept", "").split(",")}
    if JSON not in accepted:
        raise bad_request(f"Accept: must be {JSON}")
    if _content_type(headers) != JSON:
        raise bad_request(f"Content-Type: must be {JSON}")


def _check_form_headers(method: str, headers: Headers) -> None:
    if method != "GET" and _content_type(headers) not in FORMS:
        raise bad_request("Content-Type: must be application/x-www-form-urlencoded")


def _content_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def read_json(body: bytes) -> Any:
    """Read a JSON body.

    :raises RequestRefusedError: it is no JSON.
    """
    try:
        return exact_json.decode(body)
    except ValueError as error:
        raise bad_request(f"the body is no JSON: {error}") from error


def _listed(resource: CollectionSpec, page: Page) -> Any:
    if resource.bare_list:
        return page.records
    if not resource.paged:
        return {"data": page.records}
    meta = {"totalResources": page.total, "totalPages": page.pages, "currentPage": page.number}
    return {"meta": meta, "data": page.records}


def _versioned(record: Record) -> Record:
    """Return a record as version 1 shows it, with the version key of its document store."""
    return {**record, "__v": 0}


V1 = Dialect(
    check_headers=_check_form_headers,
    read_body=decode_form,
    single=_versioned,
    written=_versioned,
    listed=lambda _resource, page: [_versioned(record) for record in page.records[:V1_ROWS]],
)
V2 = Dialect(
    check_headers=_check_json_headers,
    read_body=read_json,
    single=lambda record: {"data": record},
    written=lambda record: record,
    listed=_listed,
)
DIALECTS: Mapping[int, Dialect] = {1: V1, 2: V2}
