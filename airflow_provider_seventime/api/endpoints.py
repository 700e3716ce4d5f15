"""Operations of the API: one request each, and the content of its response.

Callers check records and filters before they come here.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import quote

from tenacity import AttemptManager

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.api.http.requester import DecodedResponse, Requester
from airflow_provider_seventime.api.http.responses import (
    decode_part,
    decode_record,
    id_of,
    next_page_in,
    record_in,
    records_in,
    total_in,
)
from airflow_provider_seventime.api.http.transport import Request
from airflow_provider_seventime.api.http.versions import V1_ROWS, ApiVersion
from airflow_provider_seventime.api.listing.analysis import AnalysisPages
from airflow_provider_seventime.api.listing.lists import DICTS, JSON_LINES, Lists
from airflow_provider_seventime.api.rate_limit.clock import SendWindow
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import NotFoundError

logger = logging.getLogger(__name__)

T = TypeVar("T")


class PendingPost:
    """POST of one record whose steps the caller takes, so that it can check something directly before it is sent.

    ::

        for attempt in post.attempts():
            with attempt:
                late_seconds = post.wait_turn()
                ...
                return post.send(window)

    :param requester: sends the request.
    :param request: the request.
    """

    def __init__(self, requester: Requester, request: Request) -> None:
        self._requester = requester
        self._request = request

    def attempts(self) -> Iterator[AttemptManager]:
        """Yield the attempts; another one follows only if the API certainly did not execute the one before."""
        return iter(self._requester.attempts(self._request))

    def wait_turn(self) -> float:
        """Wait for the turn of the next attempt, and return how many seconds longer that took than planned."""
        return self._requester.wait_turn().late_seconds

    def send(self, window: SendWindow) -> dict[str, Any]:
        """Send the record once and return it as the API answered.

        :param window: checked directly before each write, once the connection is open. Once it has ended, nothing more
            is sent, and the attempt fails as ``stalled``.
        :raises SevenTimeError: the attempt failed.
        :raises ProtocolError: the response has no record with an ``_id``.
        """
        return _created(self._requester.send(replace(self._request, send_window=window)), self._request)


def _created(response: DecodedResponse, request: Request) -> dict[str, Any]:
    where = f"POST {request.path}"
    created = record_in(response.content, where, wrapped=False)
    id_of(created, where)
    return created


class Endpoints:
    """Operations of one version of the API.

    :param requester: sends the requests.
    :param version: the version.
    :param lists: reads the lists that have pages.
    """

    def __init__(self, requester: Requester, version: ApiVersion, lists: Lists) -> None:
        self._requester = requester
        self._version = version
        self._lists = lists

    def list(
        self, collection: CollectionSpec, query: Mapping[str, str], max_records: int | None
    ) -> Iterator[dict[str, Any]]:
        """Yield the records of a list. A list with pages is complete, as :func:`.complete_read.read_list` describes.

        :param collection: the collection.
        :param query: filters and sort, as query parameters.
        :param max_records: stop after so many records; None: all.
        :raises IncompleteReadError: the list is not proved complete.
        """
        path = self._path(collection)
        if collection.paged:
            yield from self._lists.read(path, query, max_records, DICTS)
            return
        records = self._checked(Request("GET", path, query), records_in)
        if self._version.version == 1 and len(records) >= V1_ROWS:
            logger.warning(
                "GET %s answered %d rows, the maximum of version 1 of the API: there may be more", path, len(records)
            )
        yield from islice(records, max_records)

    def lines(self, collection: CollectionSpec, query: Mapping[str, str], max_records: int | None) -> Iterator[bytes]:
        """Yield the records of a list as lines of JSON; the records of a list with pages are not decoded.

        The parameters and errors are those of :meth:`list`.
        """
        if collection.paged:
            yield from self._lists.read(self._path(collection), query, max_records, JSON_LINES)
            return
        for record in self.list(collection, query, max_records):
            yield exact_json.encode(record)

    def count(self, collection: CollectionSpec, query: Mapping[str, str]) -> int:
        """Return the number of records of a list, with one request."""
        path = self._path(collection)
        if not collection.paged:
            return len(self._checked(Request("GET", path, query), records_in))
        return self._checked(Request("GET", path, {**query, "limit": "1", "page": "1"}), total_in)

    def get(self, collection: CollectionSpec, record_id: str | None) -> dict[str, Any]:
        """Return one record.

        :param collection: the collection.
        :param record_id: ``_id`` of the record; None: the collection has one record only.
        """
        request = Request("GET", self._path(collection, record_id))
        return self._record(request, collection, record_id, wrapped=self._version.wrapped)

    def post(self, collection: CollectionSpec, record: Mapping[str, Any]) -> dict[str, Any]:
        """Create a record with one POST and return it as the API answered.

        :raises ProtocolError: the response has no record with an ``_id``.
        """
        request = self._write("POST", self._path(collection), record)
        return _created(self._requester.request(request), request)

    def pending_post(self, collection: CollectionSpec, record: Mapping[str, Any]) -> PendingPost:
        """Return the POST that creates a record, to be sent step by step."""
        return PendingPost(self._requester, self._write("POST", self._path(collection), record))

    def put(self, collection: CollectionSpec, record: Mapping[str, Any]) -> dict[str, Any]:
        """Change a record and return it as the API answered.

        :param collection: the collection.
        :param record: the body, with the record's ``_id``.
        """
        request = self._write("PUT", self._path(collection), record)
        return self._record(request, collection, record["_id"], wrapped=False)

    def delete(self, collection: CollectionSpec, record: Mapping[str, Any]) -> dict[str, Any]:
        """Delete a record and return what the API answered.

        :param collection: the collection.
        :param record: its ``_id``, and the user who deletes it where the API requires one.
        :raises NotFoundError: the record does not exist, and no earlier attempt can have deleted it.
        """
        path = self._path(collection, record["_id"] if collection.delete_in_path else None)
        request = Request("DELETE", path) if collection.delete_in_path else self._write("DELETE", path, record)
        outcome_unknown = threading.Event()
        try:
            response = self._requester.request(request, outcome_unknown=outcome_unknown)
        except NotFoundError:
            if not outcome_unknown.is_set():
                raise
            return {"_id": record["_id"]}
        return record_in(response.content, f"DELETE {path}", wrapped=False)

    def analyse(self, collection: CollectionSpec, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the rows of an analysis, from all pages. Its POST changes nothing, so it may be retried.

        :param collection: the collection.
        :param query: the body of the first request.
        :raises ProtocolError: the analysis names pages without end.
        """
        path = f"{self._version.base_path}/analytics/{collection.name}"
        where = f"POST {path}"
        body = dict(query)
        pages = AnalysisPages(where)
        while True:
            content = self._content(Request("POST", path, body=exact_json.encode(body), reads_only=True))
            rows = records_in(content, where)
            yield from rows
            next_page = next_page_in(content, where)
            if next_page is None:
                return
            pages.add(next_page, len(rows))
            body["page"] = next_page

    def _record(
        self, request: Request, collection: CollectionSpec, record_id: str | None, *, wrapped: bool
    ) -> dict[str, Any]:
        """Return the record of a response. A response with another record is an error that is retried like a 500."""
        asked = None if record_id is None else (collection.id_field, record_id)
        decode = partial(decode_record, operation=f"{request.method} {request.path}", wrapped=wrapped, asked=asked)
        decoded: dict[str, Any] = self._requester.request(request, decode=decode).content
        return decoded

    def _checked(self, request: Request, read: Callable[[Any, str], T]) -> T:
        """Return what a function reads from the content. Where it finds another shape, the request is retried."""
        decode = partial(decode_part, operation=f"{request.method} {request.path}", read=read)
        checked: T = self._requester.request(request, decode=decode).content
        return checked

    def _content(self, request: Request) -> Any:
        return self._requester.request(request).content

    def _path(self, collection: CollectionSpec, record_id: str | None = None) -> str:
        path = f"{self._version.base_path}/{collection.name}"
        return f"{path}/{quote(record_id, safe='')}" if record_id else path

    def _write(self, method: str, path: str, record: Mapping[str, Any]) -> Request:
        return Request(method, path, body=self._version.encode(record), content_type=self._version.content_type)
