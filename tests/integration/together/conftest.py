"""Sandbox, and writers in processes of their own that create the same invoices."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_seventime.sandbox.server import SandboxServer
from tests.integration.together.fast_redis import FastRedis

WRITER = Path(__file__).with_name("writer.py")
REDIS = ("127.0.0.1", 6379)
# Not the database of `make backfill`, which must be empty.
REDIS_DATABASE = 6
SPEED = 20.0
END_SECONDS = 120.0


def wait_for_post(server: SandboxServer, count: int = 1) -> None:
    """Wait until the server has received so many POSTs."""
    deadline = time.monotonic() + END_SECONDS
    while sum(entry["method"] == "POST" for entry in server.journal()) < count:
        assert time.monotonic() < deadline, f"no {count} POSTs came"
        time.sleep(0.01)


class Writer:
    """Process that creates invoices.

    :ivar descriptors: the most files and sockets that it had open at once; known after :meth:`results`.

    :param task: what it creates; see ``writer.py``.
    :param folder: its temporary files, which it shares with the other writers.
    """

    def __init__(self, task: dict[str, Any], folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(WRITER), json.dumps(task)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": str(folder)},
        )

        self.descriptors: int | None = None
        self._is_ready = False

    def await_ready(self) -> None:
        """Wait until it has started, if it has not yet."""
        if not self._is_ready:
            assert self.process.stdout is not None
            assert json.loads(self.process.stdout.readline()) == {"started": True}
            self._is_ready = True

    def begin(self) -> None:
        """Let it send its first request."""
        self.await_ready()
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        """End it at once, as an out-of-memory killer does."""
        self.process.kill()
        self.process.communicate()

    def suspend(self) -> None:
        """Stop it, as a paused virtual machine is."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def results(self, within_seconds: float = END_SECONDS) -> list[dict[str, Any]]:
        """Wait for its end and return its results."""
        output, errors = self.process.communicate(timeout=within_seconds)
        assert self.process.returncode == 0, errors
        *results, last = [json.loads(line) for line in output.splitlines()]
        self.descriptors = last["descriptors"]
        return results


class Account:
    """Account in the sandbox that several writers create invoices in."""

    def __init__(self, server: SandboxServer, pacing: str, folder: Path, stack: ExitStack) -> None:
        self.server = server
        self._pacing = pacing
        self._folder = folder
        self._stack = stack
        self._customer = server.records("customers")[0]["_id"]
        self._before = {record["_id"] for record in server.records("invoices")}

    def writer(
        self,
        references: list[str],
        *,
        batch: int | bool = False,
        dates: list[str] | None = None,
        tries: int = 1,
        requests_per_second: float = 20.0,
        **extra: Any,
    ) -> Writer:
        """Start a writer of invoices with these references, which waits for :meth:`Writer.begin`."""
        task = {
            "connection": {
                "host": self.server.base_url,
                "password": self.server.api_key,
                "login": self.server.acting_user_id,
                "extra": {"pacing": self._pacing, "requests_per_second": requests_per_second, **extra},
            },
            "invoice": {
                "customer": self._customer,
                "language": "SV",
                "invoiceDate": "2026-09-30",
                "invoiceItems": [{"itemType": "general", "name": "Arbete", "numberOfItems": "1", "unitPrice": "500"}],
            },
            "references": references,
            "batch": len(references) if batch is True else int(batch),
            "dates": dates,
            "tries": tries,
            "speed": SPEED,
        }
        writer = Writer(task, self._folder)
        self._stack.callback(writer.kill)
        return writer

    def created(self) -> Counter[str]:
        """Return how many invoices there are of each reference."""
        records = self.server.records("invoices")
        return Counter(str(record["marking"]) for record in records if record["_id"] not in self._before)


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    """URL of a Redis whose clock is as fast as that of the writers."""
    redis = pytest.importorskip("redis")
    try:
        redis.Redis(*REDIS).ping()
    except redis.RedisError:
        pytest.skip("no Redis on this machine")
    with FastRedis(REDIS, SPEED) as proxy:
        yield f"redis://127.0.0.1:{proxy.port}/{REDIS_DATABASE}"


@pytest.fixture(params=["files", "Redis"])
def pacing(request: pytest.FixtureRequest) -> str:
    """Return where writers share their notes."""
    return "machine" if request.param == "files" else str(request.getfixturevalue("redis_url"))


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    # A key of its own: notes of earlier tests stay in Redis for a day.
    with SandboxServer(rate_limit=0, today=date(2026, 10, 1), time_logs=0, api_key=f"key-{uuid.uuid4()}") as server:
        yield server


@pytest.fixture
def account(server: SandboxServer, tmp_path: Path) -> Iterator[Callable[[str], Account]]:
    with ExitStack() as stack:
        yield lambda pacing: Account(server, pacing, tmp_path, stack)
