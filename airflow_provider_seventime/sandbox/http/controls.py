"""Controls of the sandbox over HTTP, under ``/_sandbox/``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.dates import format_instant, read_instant
from airflow_provider_seventime.sandbox.engine import Sandbox
from airflow_provider_seventime.sandbox.faults.faults import read_faults
from airflow_provider_seventime.sandbox.refusal import RequestRefusedError, bad_request
from airflow_provider_seventime.sandbox.responses import error_response, json_response

BASE = "/_sandbox/"
# Method and name of a control -> its description, or the body that it takes.
CONTROLS: Mapping[tuple[str, str], str] = {
    ("GET", "clock"): "time on the sandbox's clock",
    ("POST", "clock"): '{"set": "2026-10-01T12:00"} or {"advance_seconds": 3600} or {"frozen": true}',
    ("GET", "payments"): "seconds from the sending of an invoice to its payment",
    ("POST", "payments"): '{"after_seconds": 30}; null: invoices are not paid',
    ("GET", "faults"): "faults that are set",
    ("POST", "faults"): '[{"kind": "status", "status": 503, "method": "GET", "collection": "invoices", "times": 2}]',
    ("DELETE", "faults"): "remove every fault",
    ("GET", "journal"): "requests to the API",
    ("DELETE", "journal"): "remove every request from the journal",
    ("POST", "reset"): "return to the seed",
    ("POST", "load"): '{"customers": [{...}]}: store records without any check',
    ("GET", "deliveries"): "webhook deliveries",
    ("GET", "document"): "?_id=...: content of an uploaded document",
    ("GET", "state"): "number of records per collection; ?collection=invoices: the records",
}


class _ClockChange(msgspec.Struct, forbid_unknown_fields=True):
    set: str | None = None
    advance_seconds: float | None = None
    frozen: bool | None = None


class _Payments(msgspec.Struct, forbid_unknown_fields=True):
    after_seconds: Annotated[float, msgspec.Meta(ge=0)] | None


class Controls:
    """Controls of a sandbox over HTTP.

    :param sandbox: the sandbox.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._account = sandbox.account
        self._handlers: Mapping[tuple[str, str], Callable[[bytes, Request], Any]] = {
            ("GET", "clock"): lambda _body, _request: self._clock(),
            ("POST", "clock"): lambda body, _request: self._set_clock(body),
            ("GET", "payments"): lambda _body, _request: self._payments(),
            ("POST", "payments"): lambda body, _request: self._set_payments(body),
            ("GET", "faults"): lambda _body, _request: self._faults(),
            ("POST", "faults"): lambda body, _request: self._set_faults(body),
            ("DELETE", "faults"): lambda _body, _request: self._clear_faults(),
            ("GET", "journal"): lambda _body, _request: {"requests": sandbox.journal.entries()},
            ("DELETE", "journal"): lambda _body, _request: self._clear_journal(),
            ("POST", "reset"): lambda _body, _request: self._reset(),
            ("POST", "load"): lambda body, _request: {"loaded": self._load(body)},
            ("GET", "deliveries"): lambda _body, _request: {"deliveries": self._account.deliveries.entries()},
            ("GET", "document"): lambda _body, request: self._document(request.query_params.get("_id", "")),
            ("GET", "state"): lambda _body, request: self._state(request.query_params.get("collection")),
        }

    async def __call__(self, request: Request) -> Response:
        """Process a request to a control."""
        body = await request.body()
        name = request.url.path.removeprefix(BASE).removesuffix("/")
        handler = self._handlers.get((request.method, name))
        if handler is None:
            known = {f"{method} {BASE}{control}": text for (method, control), text in CONTROLS.items()}
            message = f"{request.method} {request.url.path}: there is no such control"
            return json_response({"errorMessage": message, "controls": known}, 404)
        try:
            content = handler(body, request)
            return content if isinstance(content, Response) else json_response(content)
        except RequestRefusedError as error:
            return error_response(error.status, error.message)
        except (ValueError, OverflowError) as error:
            return error_response(400, f"{name}: {error}")

    def _clock(self) -> dict[str, Any]:
        return {"now": format_instant(self._account.now()), "frozen": self._account.clock_frozen}

    def _set_clock(self, body: bytes) -> dict[str, Any]:
        change = msgspec.json.decode(body, type=_ClockChange)
        instant: datetime | None = None
        if change.set is not None:
            instant = read_instant(change.set, self._account.zone)
        self._account.set_clock(instant, change.advance_seconds, change.frozen)
        return self._clock()

    def _payments(self) -> dict[str, Any]:
        return {"after_seconds": self._account.pay_after_seconds}

    def _set_payments(self, body: bytes) -> dict[str, Any]:
        self._sandbox.pay_after(msgspec.json.decode(body, type=_Payments).after_seconds)
        return self._payments()

    def _faults(self) -> dict[str, Any]:
        return {"faults": self._sandbox.faults.pending()}

    def _set_faults(self, body: bytes) -> dict[str, Any]:
        self._sandbox.faults.set(read_faults(body))
        return self._faults()

    def _clear_faults(self) -> dict[str, Any]:
        self._sandbox.faults.clear()
        return self._faults()

    def _clear_journal(self) -> dict[str, Any]:
        self._sandbox.journal.clear()
        return {"requests": []}

    def _reset(self) -> dict[str, Any]:
        self._sandbox.reset()
        return self._state(None)

    def _load(self, body: bytes) -> dict[str, int]:
        collections = exact_json.decode(body)
        if not isinstance(collections, dict):
            raise bad_request('must be an object: {"customers": [{...}]}')
        return self._sandbox.load(collections)

    def _document(self, document_id: str) -> Response:
        content_type, content = self._sandbox.document(document_id)
        return Response(content, media_type=content_type)

    def _state(self, collection: str | None) -> dict[str, Any]:
        if collection is not None:
            return {"records": self._sandbox.records(collection)}
        return {"counts": self._sandbox.counts()}
