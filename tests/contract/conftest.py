"""Fixtures: clients of a mocked API in both versions, and the complete records of the vendor's documentation."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests_mock

from airflow_provider_seventime.api.client import SevenTimeClient
from airflow_provider_seventime.api.settings import read_settings

HERE = Path(__file__).parent
BASE_URL = "https://seventime.test"
RECORDS = {
    version: json.loads((HERE / file).read_text(encoding="utf-8"))
    for version, file in ((1, "v1_records.json"), (2, "records.json"))
}


@pytest.fixture
def records_of() -> Callable[[int], dict[str, dict[str, Any]]]:
    """Return the complete record of every write of a version, by ``collection.write``."""
    return lambda version: copy.deepcopy(RECORDS[version])


@pytest.fixture
def complete() -> Callable[..., dict[str, Any]]:
    """Return a new record with every documented field of a write. ``@name`` is a placeholder for an id."""
    return lambda name, version=2: copy.deepcopy(RECORDS[version][name])


@pytest.fixture
def client_of() -> Iterator[Callable[[int], SevenTimeClient]]:
    """Create a client for a version of the API."""
    with ExitStack() as open_clients:

        def made(version: int) -> SevenTimeClient:
            extra = {"api_version": version, "pacing": "process", "requests_per_second": 10_000}
            settings, warnings = read_settings(host=BASE_URL, password="key", login="user-1", extra=extra)
            assert warnings == []
            return open_clients.enter_context(SevenTimeClient(settings))

        yield made


@pytest.fixture
def answer() -> Iterator[Callable[[int, str, str, bytes], None]]:
    """Respond to a method and path of a version with these bytes, and refuse every other request."""
    with requests_mock.Mocker(case_sensitive=True) as mocker:

        def answered(version: int, method: str, path: str, content: bytes) -> None:
            mocker.register_uri(method, f"{BASE_URL}/api/{version}/{path}", content=content)

        yield answered
