"""One sandbox for the whole run, back at its seed before each test, and a clock that does not wait."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.sandbox.server import SandboxServer
from airflow_provider_seventime.testing import CONN_ENV, TEST_EXTRA

TODAY = date(2026, 10, 1)


class ManualClock:
    """Clock that advances only when a test or the code under test sleeps by it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)


@dataclass
class TaskInstance:
    """Part of Airflow's task instance that the operators read."""

    dag_id: str = "billing"
    run_id: str = "scheduled__2026-10-01"
    task_id: str = "create_invoice"
    map_index: int = -1
    try_number: int = 1
    pushed: dict[str, Any] = field(default_factory=dict)

    def xcom_push(self, key: str, value: Any) -> None:
        self.pushed[key] = value


@dataclass
class Connect:
    """Set the connection ``seventime_default``: the sandbox's, apart from the parts given."""

    server: SandboxServer
    monkeypatch: pytest.MonkeyPatch
    parts: dict[str, Any] = field(default_factory=dict)

    def __call__(self, **changes: Any) -> None:
        sandbox = {
            "conn_type": "seventime",
            "host": self.server.base_url,
            "password": self.server.api_key,
            "login": self.server.acting_user_id,
            "extra": TEST_EXTRA,
        }
        self.parts = {**sandbox, **changes}
        self.monkeypatch.setenv(CONN_ENV, json.dumps(self.parts))


@pytest.fixture(scope="session")
def _manual_clock() -> ManualClock:
    # One for the session: clients of one key share a budget, and with it the clock of the first of them.
    return ManualClock()


@pytest.fixture
def clock(_manual_clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> ManualClock:
    """Let every hook wait by a clock that does not; ``slept`` holds this test's waits in seconds."""
    _manual_clock.slept.clear()
    _manual_clock.now += 2 * 86_400  # the waits and the write notes of the test before are long past
    monkeypatch.setattr(SevenTimeHook, "clock", _manual_clock)
    return _manual_clock


@pytest.fixture(scope="session")
def _running_sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(today=TODAY, rate_limit=0) as server:
        yield server


@pytest.fixture
def sandbox(_running_sandbox: SandboxServer, connect: Connect, clock: ManualClock) -> SandboxServer:
    """A sandbox at its seed, its clock stopped at noon of 1 October 2026; ``seventime_default`` points to it."""
    _running_sandbox.reset()
    _running_sandbox.freeze()
    connect()
    return _running_sandbox


@pytest.fixture
def connect(_running_sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> Connect:
    return Connect(_running_sandbox, monkeypatch)


@pytest.fixture
def context() -> Callable[..., Any]:
    """Make a task's context; the arguments are those of its task instance."""
    return lambda **instance: {"ti": TaskInstance(**instance)}


@pytest.fixture
def requests_made(sandbox: SandboxServer) -> Callable[..., list[str]]:
    """Return the requests that the sandbox saw, as method and path; of one method only, if given."""

    def made(method: str | None = None) -> list[str]:
        return [f"{e['method']} {e['path']}" for e in sandbox.journal() if method in (None, e["method"])]

    return made


@dataclass
class Logs:
    """Log lines and output of a test: Airflow 3.1 and later print their logs, earlier versions do both."""

    caplog: pytest.LogCaptureFixture
    capfd: pytest.CaptureFixture[str]
    printed: str = ""

    @property
    def texts(self) -> tuple[str, str]:
        self.printed += "".join(self.capfd.readouterr())
        return self.caplog.text, self.printed

    def __str__(self) -> str:
        return "\n".join(self.texts)

    def __contains__(self, part: str) -> bool:
        return part in str(self)

    def take(self) -> str:
        """Return what was logged since the last call."""
        taken = str(self)
        self.caplog.clear()
        self.printed = ""
        return taken

    def times(self, part: str) -> int:
        """Return how often something was logged."""
        return max(text.count(part) for text in self.texts)


@pytest.fixture
def logs(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Logs:
    return Logs(caplog, capfd)


@pytest.fixture
def customer_id(sandbox: SandboxServer) -> str:
    return str(sandbox.records("customers")[0]["_id"])


@pytest.fixture
def invoice(customer_id: str) -> dict[str, Any]:
    """An invoice of 1000 SEK and 25 % VAT, as a user writes it."""
    return {
        "customer": customer_id,
        "language": "SV",
        "invoiceDate": "2026-09-30",
        "invoiceItems": [{"itemType": "general", "name": "Montage", "numberOfItems": "2", "unitPrice": "500"}],
    }


@pytest.fixture
def warehouse_path(tmp_path, monkeypatch):
    """A SQLite file behind the connection ``warehouse``."""
    path = tmp_path / "warehouse.db"
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", f"sqlite:///{path}")
    return path


@pytest.fixture
def warehouse(warehouse_path):
    """Return a function that runs SQL in the file behind the connection ``warehouse``."""

    def query(sql):
        with closing(sqlite3.connect(warehouse_path)) as connection:
            return connection.execute(sql).fetchall()

    return query


@pytest.fixture
def time_log():
    def make(record_id="514959f8733259db7591000c", **fields):
        return {
            "_id": record_id,
            "timestamp": "2026-09-01T06:00:00.000Z",
            "endTimestamp": "2026-09-01T14:00:00.000Z",
            "user": "51203146506d961c03079180",
            "userName": "Tommy Hellström",
            "time": 8,
            "invoiceableTime": Decimal("7.50"),
            "cost": Decimal("10690.5824"),
            "status": 1,
            "isInvoiced": False,
            "isInvoiceable": True,
            "customer": None,
            "description": "",
            "customFields": [],
            "unSocialHoursCosts": [{"_id": "5f57385dbe6f05476e59e603", "time": Decimal("10.5261325")}],
            **fields,
        }

    return make
