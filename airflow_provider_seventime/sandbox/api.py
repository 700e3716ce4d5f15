"""Requests under ``/api/2``: path, headers and body in, an answer of Seven Time out."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.checking import Write
from airflow_provider_seventime.contract.resource import Resource
from airflow_provider_seventime.contract.resources import RESOURCES
from airflow_provider_seventime.sandbox.answers import error_answer, json_answer, list_body
from airflow_provider_seventime.sandbox.engine import Sandbox
from airflow_provider_seventime.sandbox.fault_answers import answer_fault
from airflow_provider_seventime.sandbox.faults import Fault
from airflow_provider_seventime.sandbox.refusal import RequestRefusedError, bad_request, not_found

BASE = "/api/2/"
KEY_HEADER = "client-secret"
JSON = "application/json"
WRITE_METHODS: Mapping[str, Write] = {"POST": "create", "PUT": "update", "DELETE": "delete"}


class Api:
    """Seven Time's API over a sandbox.

    :param sandbox: what it works on.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._closing = asyncio.Event()

    def close(self) -> None:
        """Let answers that are being delayed go at once."""
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
            request.url.path,
            query=request.url.query,
            key=request.headers.get(KEY_HEADER),
            at_seconds=self._sandbox.options.monotonic(),
            body=readable(body) if request.method in WRITE_METHODS else None,
        )
        try:
            response = await self._answer(request, body)
        except RequestRefusedError as error:
            response = error_answer(error.status, error.message)
        entry["status"] = response.status_code
        return response

    async def _answer(self, request: Request, body: bytes) -> Response:
        self._admit(request.headers.get(KEY_HEADER))
        name, record_id = split_path(request.url.path)
        fault = self._sandbox.faults.strike(request.method, name)
        if fault is None:
            return self._work(request, name, record_id, body)
        return await self._struck(fault, request, name, record_id, body)

    async def _struck(self, fault: Fault, request: Request, name: str, record_id: str | None, body: bytes) -> Response:
        done: Response | None = None
        if fault.when == "after" or fault.kind == "cut_json":
            done = self._work_or_refusal(request, name, record_id, body)
        answer = await answer_fault(fault, done, self._pause)
        return answer if answer is not None else self._work_or_refusal(request, name, record_id, body)

    def _work_or_refusal(self, request: Request, name: str, record_id: str | None, body: bytes) -> Response:
        try:
            return self._work(request, name, record_id, body)
        except RequestRefusedError as error:
            return error_answer(error.status, error.message)

    def _admit(self, key: str | None) -> None:
        known = self._sandbox.options.api_key
        if key is None or not secrets.compare_digest(key.encode(), known.encode()):
            raise RequestRefusedError(401, "Client-Secret: missing or unknown")
        if not self._sandbox.rate_limit.admit(key):
            limit = self._sandbox.rate_limit.requests_per_second
            raise RequestRefusedError(429, f"Too many requests: {limit} per second are allowed")

    def _work(self, request: Request, name: str, record_id: str | None, body: bytes) -> Response:
        check_headers(request.headers)
        resource = RESOURCES.get(name)
        if resource is None:
            raise not_found(f"{request.method} {request.url.path}: there is no such path")
        if request.method == "GET":
            return json_answer(self._read(resource, record_id, request))
        write = WRITE_METHODS.get(request.method)
        if write is None or record_id is not None:
            raise not_found(f"{request.method} {request.url.path}: there is no such operation; _id belongs in the body")
        return json_answer(self._sandbox.write(resource, write, json_object(body)))

    def _read(self, resource: Resource, record_id: str | None, request: Request) -> Any:
        if record_id is not None:
            return {"data": self._sandbox.get(resource, record_id)}
        if resource.singleton:
            return {"data": self._sandbox.get_single(resource)}
        page = self._sandbox.list(resource, request.query_params.multi_items())
        return list_body(page, paged=resource.paged)


def split_path(path: str) -> tuple[str, str | None]:
    """Return collection and id of a path under ``/api/2``, with or without a slash at the end.

    :raises RequestRefusedError: it is no such path.
    """
    steps = path.removeprefix(BASE).removesuffix("/").split("/")
    if not path.startswith(BASE) or not all(steps) or len(steps) > 2:  # noqa: PLR2004 - collection and id
        raise not_found(f"{path}: there is no such path; the sandbox serves {BASE}<collection>[/<_id>]")
    return steps[0], steps[1] if len(steps) > 1 else None


def check_headers(headers: Mapping[str, str]) -> None:
    """Refuse a request without the two headers that the documents call required.

    :raises RequestRefusedError: one is missing or names something else.
    """
    accepted = {part.partition(";")[0].strip().lower() for part in headers.get("accept", "").split(",")}
    if JSON not in accepted:
        raise bad_request(f"Accept: must be {JSON}")
    if headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise bad_request(f"Content-Type: must be {JSON}")


def json_object(body: bytes) -> Any:
    """Read the body of a write.

    :raises RequestRefusedError: it is no JSON.
    """
    try:
        return exact_json.decode(body)
    except ValueError as error:
        raise bad_request(f"the body is no JSON: {error}") from error


def readable(body: bytes) -> Any:
    """Return a body for the journal: read as JSON where it is, as text where it is not."""
    try:
        return exact_json.decode(body)
    except ValueError:
        return body.decode(errors="replace")
