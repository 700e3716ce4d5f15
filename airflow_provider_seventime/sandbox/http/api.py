"""The API of Seven Time over HTTP: every request under ``/api/``."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import CollectionSpec, Write
from airflow_provider_seventime.sandbox.engine import Sandbox
from airflow_provider_seventime.sandbox.faults.fault_responses import fault_response
from airflow_provider_seventime.sandbox.faults.faults import Fault
from airflow_provider_seventime.sandbox.http.versions import VERSION_FORMATS, VersionFormat
from airflow_provider_seventime.sandbox.refusal import RequestRefusedError, not_found
from airflow_provider_seventime.sandbox.responses import error_response, json_response
from airflow_provider_seventime.sandbox.state.journal import JournalEntry
from airflow_provider_seventime.sandbox.state.read_view import CURRENT_VIEW, ReadView

KEY_HEADER = "client-secret"
ANALYTICS = "analytics"
WRITE_METHODS: Mapping[str, Write] = {"POST": "create", "PUT": "update", "DELETE": "delete"}


@dataclass(frozen=True, slots=True)
class Route:
    """Path of a request.

    :param version: version of the API.
    :param collection: name of the collection.
    :param record_id: id in the path; None: the path has none.
    :param analytics: the path is ``analytics/<collection>``.
    """

    version: int
    collection: str
    record_id: str | None
    analytics: bool = False


class Api:
    """The API of Seven Time over a sandbox.

    :param sandbox: the sandbox.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._closing = asyncio.Event()

    def close(self) -> None:
        """End the pauses of delayed and slow responses."""
        self._closing.set()

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return

    async def __call__(self, request: Request) -> Response:
        """Process a request and add it to the journal.

        :raises InjectedReset: a fault closes the connection without a response.
        """
        body = await request.body()
        entry = self._sandbox.journal.add(
            request.method,
            path_of(request),
            query=request.scope["query_string"].decode("latin-1"),
            key=request.headers.get(KEY_HEADER),
            at_seconds=self._sandbox.options.monotonic(),
            body=readable(body) if request.method in WRITE_METHODS else None,
            connection=request.client.port if request.client else None,
        )
        try:
            response = await self._respond(request, body, entry)
        except RequestRefusedError as error:
            response = error_response(error.status, error.message)
        entry["status"] = response.status_code
        return response

    async def _respond(self, request: Request, body: bytes, entry: JournalEntry) -> Response:
        self._check_key(request.headers.get(KEY_HEADER))
        route = read_path(path_of(request))
        fault = self._sandbox.faults.trigger(request.method, route.collection, paged=is_paged(request.method, route))
        if fault is None:
            return self._process(request, route, body)
        entry["fault"] = fault.kind
        return await self._respond_with_fault(fault, request, route, body)

    async def _respond_with_fault(self, fault: Fault, request: Request, route: Route, body: bytes) -> Response:
        normal: Response | None = None
        if fault.when == "after" or fault.needs_response:
            normal = self._process_or_refuse(request, route, body, fault.view)
        response = await fault_response(fault, normal, self._pause)
        return response if response is not None else self._process_or_refuse(request, route, body)

    def _process_or_refuse(
        self, request: Request, route: Route, body: bytes, view: ReadView = CURRENT_VIEW
    ) -> Response:
        try:
            return self._process(request, route, body, view)
        except RequestRefusedError as error:
            return error_response(error.status, error.message)

    def _check_key(self, key: str | None) -> None:
        known = self._sandbox.options.api_key
        if key is None or not secrets.compare_digest(key.encode(), known.encode()):
            raise RequestRefusedError(401, "Client-Secret: missing or unknown")
        if not self._sandbox.rate_limit.admit(key):
            limit = self._sandbox.rate_limit.requests_per_second
            raise RequestRefusedError(429, f"Too many requests: {limit} per second are allowed")

    def _process(self, request: Request, route: Route, body: bytes, view: ReadView = CURRENT_VIEW) -> Response:
        version = VERSION_FORMATS[route.version]
        version.check_headers(request.headers, body)
        collection = collection_of(route)
        if collection is None:
            raise not_found(f"{request.method} {path_of(request)}: there is no such path")
        if route.analytics:
            if request.method != "POST":
                raise not_found(f"{request.method} {path_of(request)}: there is no such operation; use POST")
            return json_response(self._sandbox.operations.analyse(collection, version.read_body(body)))
        if request.method == "GET":
            return json_response(self._read(version, collection, route.record_id, request, view))
        return self._write(version, collection, request, route, body)

    def _read(
        self,
        version: VersionFormat,
        collection: CollectionSpec,
        record_id: str | None,
        request: Request,
        view: ReadView,
    ) -> Any:
        operations = self._sandbox.operations
        if record_id is not None:
            return version.get_response(operations.get(collection, record_id, view))
        if collection.singleton:
            return version.get_response(operations.get_single(collection, view))
        page = operations.list(collection, request.query_params.multi_items(), view)
        return version.list_response(collection, page)

    def _write(
        self, version: VersionFormat, collection: CollectionSpec, request: Request, route: Route, body: bytes
    ) -> Response:
        write = WRITE_METHODS.get(request.method)
        id_in_path = write == "delete" and collection.delete_in_path
        if write is None or id_in_path is not (route.record_id is not None):
            place = "the path" if id_in_path else "the body"
            called = f"{request.method} {path_of(request)}"
            raise not_found(f"{called}: there is no such operation; _id belongs in {place}")
        content = {"_id": route.record_id} if id_in_path else version.read_body(body)
        record = self._sandbox.operations.write(collection, write, content)
        return json_response(version.write_response(record), collection.created_status if write == "create" else 200)


def path_of(request: Request) -> str:
    """Return the decoded path of a request.

    ``request.url`` is no substitute: it removes line breaks, and ends the path at an encoded question mark.
    """
    return str(request.scope["path"])


def read_path(path: str) -> Route:
    """Read a path of the API, with or without a slash at the end.

    :raises RequestRefusedError: the path is not a path of the API (404).
    """
    base, *parts = path.removeprefix("/api/").removesuffix("/").split("/")
    version = {str(number): number for number in VERSION_FORMATS}.get(base)
    if version is None or not path.startswith("/api/") or not 1 <= len(parts) <= 2 or not all(parts):  # noqa: PLR2004
        raise not_found(f"{path}: there is no such path; the sandbox serves /api/2/<collection>[/<_id>], and /api/1/")
    first, second = parts[0], parts[1] if len(parts) > 1 else None
    if first == ANALYTICS and second is not None:
        return Route(version, second, None, analytics=True)
    return Route(version, first, second)


def collection_of(route: Route) -> CollectionSpec | None:
    """Return the collection of a path, as its version of the API has it; None: there is no such collection."""
    known = COLLECTIONS.get(route.collection)
    return known.in_version(route.version) if known else None


def is_paged(method: str, route: Route) -> bool:
    """Return whether a request reads a page of a list."""
    collection = collection_of(route)
    if collection is None or method != "GET" or route.record_id is not None or route.analytics:
        return False
    return collection.paged and not collection.singleton and "list" in collection.operations


def readable(body: bytes) -> Any:
    """Return a body for the journal: decoded if it is JSON, otherwise as text."""
    try:
        return exact_json.decode(body)
    except ValueError:
        return body.decode(errors="replace")
