"""Fixtures for the tests of the sandbox: one running sandbox, reset before each test."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.sandbox.server import SandboxServer

TODAY = date(2026, 10, 1)
START = datetime(2026, 10, 1, 10, tzinfo=UTC)


@dataclass
class ApiResponse:
    """Response with a decoded body."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def error(self) -> str:
        return self.body["errorMessage"]


class Api:
    """Client of a sandbox that sends plain requests with the required headers."""

    def __init__(self, server: SandboxServer, session: requests.Session) -> None:
        self.server = server
        self._session = session
        session.headers.update(
            {"Client-Secret": server.api_key, "Accept": "application/json", "Content-Type": "application/json"}
        )

    def send(
        self, method: str, path: str, body: Any = None, headers: dict[str, Any] | None = None, **more: Any
    ) -> ApiResponse:
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body, default=str).encode()
        response = self.raw(method, path, data=data, headers=headers, **more)
        return ApiResponse(response.status_code, exact_json.decode(response.content or b"null"), dict(response.headers))

    def raw(self, method: str, path: str, **more: Any) -> requests.Response:
        url = f"{self.server.base_url}{path}"
        return self._session.request(method, url, timeout=10, allow_redirects=False, **more)

    def list(self, collection: str, **query: Any) -> ApiResponse:
        return self.send("GET", f"/api/2/{collection}", params=query)

    def get(self, collection: str, record_id: str) -> Any:
        return self.send("GET", f"/api/2/{collection}/{record_id}").body["data"]

    def create(self, collection: str, **record: Any) -> ApiResponse:
        return self.send("POST", f"/api/2/{collection}/", {"createdByUser": self.server.acting_user_id, **record})

    def update(self, collection: str, record_id: str, **changes: Any) -> ApiResponse:
        body = {"_id": record_id, "modifiedByUser": self.server.acting_user_id, **changes}
        return self.send("PUT", f"/api/2/{collection}/", body)

    def delete(self, collection: str, record_id: str, *, signed: bool = True) -> ApiResponse:
        body = {"_id": record_id, **({"deletedByUser": self.server.acting_user_id} if signed else {})}
        return self.send("DELETE", f"/api/2/{collection}/", body)

    def control(self, method: str, name: str, body: Any = None) -> ApiResponse:
        return self.send(method, f"/_sandbox/{name}", body, headers={"Client-Secret": None})

    def first(self, collection: str, **values: Any) -> Any:
        return next(
            record
            for record in self.server.records(collection)
            if all(record[name] == value for name, value in values.items())
        )


@pytest.fixture(scope="session")
def _running() -> Iterator[SandboxServer]:
    with SandboxServer(today=TODAY, rate_limit=0) as server:
        yield server


@pytest.fixture
def server(_running: SandboxServer) -> SandboxServer:
    _running.reset()
    _running.freeze()
    _running.set_clock(START)
    return _running


@pytest.fixture
def api(server: SandboxServer) -> Iterator[Api]:
    with requests.Session() as session:
        yield Api(server, session)


@pytest.fixture
def api_to() -> Iterator[Any]:
    """Return a function that returns the client of another server than the shared one."""
    with requests.Session() as session:
        yield lambda server: Api(server, session)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA, tmp_path: Path) -> list[Path]:
    """Return the files of certificate, key and certificate authority for this machine."""
    certificate = authority.issue_cert("127.0.0.1", "::1")
    files = [tmp_path / name for name in ("chain.pem", "key.pem", "ca.pem")]
    for part, number in (
        (certificate.cert_chain_pems[0], 0),
        (certificate.private_key_pem, 1),
        (authority.cert_pem, 2),
    ):
        part.write_to_path(str(files[number]))
    return files
