"""One request per operation, and what its answer holds; records and filters are checked before they come here."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.api.http.requester import Requester
from airflow_provider_seventime.api.http.responses import id_of, next_page_in, record_in, records_in, total_in
from airflow_provider_seventime.api.http.transport import Request
from airflow_provider_seventime.api.http.versions import V1_ROWS, ApiVersion
from airflow_provider_seventime.api.listing.analysis import AnalysisPages
from airflow_provider_seventime.api.listing.lists import DICTS, LINES, Lists
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import NotFoundError

logger = logging.getLogger(__name__)


class Endpoints:
    """The operations of the API in one of its versions.

    :param requester: sends the requests.
    :param version: the version.
    :param lists: reads lists that have pages.
    """

    def __init__(self, requester: Requester, version: ApiVersion, lists: Lists) -> None:
        self._requester = requester
        self._version = version
        self._lists = lists

    def list(
        self, entry: CollectionSpec, query: Mapping[str, str], max_records: int | None
    ) -> Iterator[dict[str, Any]]:
        """Yield the records of a list: every page where it has pages, as :func:`paging.read_list` promises.

        :param query: filters and sort, as they are sent.
        :param max_records: end after that many; None: all.
        :raises IncompleteReadError: the list could not be shown to be whole.
        """
        path = self._path(entry)
        where = f"GET {path}"
        if not entry.paged:
            records = records_in(self._content(Request("GET", path, query)), where)
            if self._version.version == 1 and len(records) >= V1_ROWS:
                logger.warning("%s answered %d rows, all that version 1 gives: there may be more", where, len(records))
            yield from islice(records, max_records)
            return
        yield from self._lists.read(path, query, max_records, DICTS)

    def lines(self, entry: CollectionSpec, query: Mapping[str, str], max_records: int | None) -> Iterator[bytes]:
        """Yield the records of a list as lines of JSON, as they came where the list has pages."""
        if entry.paged:
            yield from self._lists.read(self._path(entry), query, max_records, LINES)
            return
        for record in self.list(entry, query, max_records):
            yield exact_json.encode(record)

    def count(self, entry: CollectionSpec, query: Mapping[str, str]) -> int:
        """Return how many records a list has, with one request."""
        path = self._path(entry)
        if not entry.paged:
            return len(records_in(self._content(Request("GET", path, query)), f"GET {path}"))
        return total_in(self._content(Request("GET", path, {**query, "limit": "1", "page": "1"})), f"GET {path}")

    def get(self, entry: CollectionSpec, record_id: str | None) -> dict[str, Any]:
        """Return one record."""
        path = self._path(entry, record_id)
        return record_in(self._content(Request("GET", path)), f"GET {path}", wrapped=self._version.wrapped)

    def post(self, entry: CollectionSpec, record: Mapping[str, Any]) -> dict[str, Any]:
        """Create a record with one POST."""
        path = self._path(entry)
        created = record_in(self._content(self._write("POST", path, record)), f"POST {path}", wrapped=False)
        id_of(created, f"POST {path}")
        return created

    def put(self, entry: CollectionSpec, record: Mapping[str, Any]) -> dict[str, Any]:
        """Change a record."""
        path = self._path(entry)
        return record_in(self._content(self._write("PUT", path, record)), f"PUT {path}", wrapped=False)

    def delete(self, entry: CollectionSpec, record: Mapping[str, Any]) -> dict[str, Any]:
        """Delete a record.

        :param record: its ``_id``, and who deletes it where the API wants to know.
        :raises NotFoundError: it is not there, and no earlier attempt can have deleted it.
        """
        path = self._path(entry, record["_id"] if entry.delete_in_path else None)
        request = Request("DELETE", path) if entry.delete_in_path else self._write("DELETE", path, record)
        outcome_unknown = threading.Event()
        try:
            answer = self._requester.request(request, outcome_unknown=outcome_unknown).content
        except NotFoundError:
            if not outcome_unknown.is_set():
                raise
            return {"_id": record["_id"]}
        return record_in(answer, f"DELETE {path}", wrapped=False)

    def analyse(self, entry: CollectionSpec, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the rows of an analysis, every page; the POST changes nothing, so it may be repeated.

        :raises ProtocolError: it names pages without end.
        """
        path = f"{self._version.base_path}/analytics/{entry.name}"
        where = f"POST {path}"
        page = dict(query)
        pages = AnalysisPages(where)
        while True:
            body = exact_json.encode(page)
            content = self._content(Request("POST", path, body=body, reads_only=True))
            rows = records_in(content, where)
            yield from rows
            following = next_page_in(content, where)
            if following is None:
                return
            pages.follow(following, len(rows))
            page["page"] = following

    def _content(self, request: Request) -> Any:
        return self._requester.request(request).content

    def _path(self, entry: CollectionSpec, record_id: str | None = None) -> str:
        path = f"{self._version.base_path}/{entry.name}"
        return f"{path}/{quote(record_id, safe='')}" if record_id else path

    def _write(self, method: str, path: str, record: Mapping[str, Any]) -> Request:
        return Request(method, path, body=self._version.encode(record), content_type=self._version.content_type)
