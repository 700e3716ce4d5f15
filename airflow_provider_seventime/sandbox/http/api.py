"""Requests under ``/api/``: path, headers and body in, an answer of Seven Time out."""

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
from airflow_provider_seventime.sandbox.faults.fault_responses import answer_fault
from airflow_provider_seventime.sandbox.faults.faults import Fault
from airflow_provider_seventime.sandbox.http.versions import DIALECTS, Dialect
from airflow_provider_seventime.sandbox.refusal import RequestRefusedError, not_found
from airflow_provider_seventime.sandbox.responses import error_answer, json_answer
from airflow_provider_seventime.sandbox.state.journal import Entry
from airflow_provider_seventime.sandbox.state.read_view import AS_IT_IS, Reading

KEY_HEADER = "client-secret"
ANALYTICS = "analytics"
WRITE_METHODS: Mapping[str, Write] = {"POST": "create", "PUT": "update", "DELETE": "delete"}


@dataclass(frozen=True, slots=True)
class Route:
    """What a path asks for.

    :param version: of the API.
    :param collection: its name.
    :param record_id: the id in the path; None: there is none.
    :param analytics: the path asks what the collection comes to.
    """

    version: int
    collection: str
    record_id: str | None
    analytics: bool = False


class Api:
    """Seven Time's API over a sandbox.

    :param sandbox: what it works on.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._closing = asyncio.Event()

    def close(self) -> None:
        """Let answers that are delayed or trickle go at once."""
        self._closing.set()

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return

    async def __call__(self, request: Request) -> Response:
        """Answer a request, and write it into the journal.

        :raises ConnectionResetOnPurpose: a fault wants the connection closed without an answer.
        """
        body = await request.body()
        entry = self._sandbox.journal.note(
            request.method,
            path_of(request),
            query=request.scope["query_string"].decode("latin-1"),
            key=request.headers.get(KEY_HEADER),
            at_seconds=self._sandbox.options.monotonic(),
            body=readable(body) if request.method in WRITE_METHODS else None,
        )
        try:
            response = await self._answer(request, body, entry)
        except RequestRefusedError as error:
            response = error_answer(error.status, error.message)
        entry["status"] = response.status_code
        return response

    async def _answer(self, request: Request, body: bytes, entry: Entry) -> Response:
        self._admit(request.headers.get(KEY_HEADER))
        route = read_path(path_of(request))
        fault = self._sandbox.faults.strike(request.method, route.collection, pages=has_pages(request.method, route))
        if fault is None:
            return self._work(request, route, body)
        entry["fault"] = fault.kind
        return await self._struck(fault, request, route, body)

    async def _struck(self, fault: Fault, request: Request, route: Route, body: bytes) -> Response:
        done: Response | None = None
        if fault.when == "after" or fault.answers_with_work:
            done = self._work_or_refusal(request, route, body, fault.reading)
        answer = await answer_fault(fault, done, self._pause)
        return answer if answer is not None else self._work_or_refusal(request, route, body)

    def _work_or_refusal(self, request: Request, route: Route, body: bytes, reading: Reading = AS_IT_IS) -> Response:
        try:
            return self._work(request, route, body, reading)
        except RequestRefusedError as error:
            return error_answer(error.status, error.message)

    def _admit(self, key: str | None) -> None:
        known = self._sandbox.options.api_key
        if key is None or not secrets.compare_digest(key.encode(), known.encode()):
            raise RequestRefusedError(401, "Client-Secret: missing or unknown")
        if not self._sandbox.rate_limit.admit(key):
            limit = self._sandbox.rate_limit.requests_per_second
            raise RequestRefusedError(429, f"Too many requests: {limit} per second are allowed")

    def _work(self, request: Request, route: Route, body: bytes, reading: Reading = AS_IT_IS) -> Response:
        dialect = DIALECTS[route.version]
        dialect.check_headers(request.method, request.headers)
        resource = resource_of(route)
        if resource is None:
            raise not_found(f"{request.method} {path_of(request)}: there is no such path")
        if route.analytics:
            if request.method != "POST":
                raise not_found(f"{request.method} {path_of(request)}: there is no such operation; POST asks")
            return json_answer(self._sandbox.analyse(resource, dialect.read_body(body)))
        if request.method == "GET":
            return json_answer(self._read(dialect, resource, route.record_id, request, reading))
        return self._write(dialect, resource, request, route, body)

    def _read(
        self, dialect: Dialect, resource: CollectionSpec, record_id: str | None, request: Request, reading: Reading
    ) -> Any:
        if record_id is not None:
            return dialect.single(self._sandbox.get(resource, record_id, reading))
        if resource.singleton:
            return dialect.single(self._sandbox.get_single(resource, reading))
        return dialect.listed(resource, self._sandbox.list(resource, request.query_params.multi_items(), reading))

    def _write(
        self, dialect: Dialect, resource: CollectionSpec, request: Request, route: Route, body: bytes
    ) -> Response:
        write = WRITE_METHODS.get(request.method)
        in_path = write == "delete" and resource.delete_in_path
        if write is None or in_path is not (route.record_id is not None):
            where = "the path" if in_path else "the body"
            asked = f"{request.method} {path_of(request)}"
            raise not_found(f"{asked}: there is no such operation; _id belongs in {where}")
        content = {"_id": route.record_id} if in_path else dialect.read_body(body)
        record = self._sandbox.write(resource, write, content)
        return json_answer(dialect.written(record), resource.created_status if write == "create" else 200)


def path_of(request: Request) -> str:
    """Return the path that was asked for: ``request.url`` drops line breaks and ends it at an encoded question mark."""
    return str(request.scope["path"])


def read_path(path: str) -> Route:
    """Read a path of the API, with or without a slash at the end.

    :raises RequestRefusedError: it is no such path.
    """
    base, *steps = path.removeprefix("/api/").removesuffix("/").split("/")
    version = {str(number): number for number in DIALECTS}.get(base)
    if version is None or not path.startswith("/api/") or not 1 <= len(steps) <= 2 or not all(steps):  # noqa: PLR2004
        raise not_found(f"{path}: there is no such path; the sandbox serves /api/2/<collection>[/<_id>], and /api/1/")
    first, second = steps[0], steps[1] if len(steps) > 1 else None
    if first == ANALYTICS and second is not None:
        return Route(version, second, None, analytics=True)
    return Route(version, first, second)


def resource_of(route: Route) -> CollectionSpec | None:
    """Return the collection that a path names, as its version has it; None: there is none."""
    known = COLLECTIONS.get(route.collection)
    return known.in_version(route.version) if known else None


def has_pages(method: str, route: Route) -> bool:
    """Tell whether a request asks for a page of a list."""
    resource = resource_of(route)
    if resource is None or method != "GET" or route.record_id is not None or route.analytics:
        return False
    return resource.paged and not resource.singleton and "list" in resource.operations


def readable(body: bytes) -> Any:
    """Return a body for the journal: read as JSON where it is, as text where it is not."""
    try:
        return exact_json.decode(body)
    except ValueError:
        return body.decode(errors="replace")
