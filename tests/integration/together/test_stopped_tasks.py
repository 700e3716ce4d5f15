"""Stopped tasks in processes of their own: they send nothing more and end at once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from airflow_provider_seventime.contract.codes import InvoiceStatus
from airflow_provider_seventime.sandbox.server import SandboxServer
from airflow_provider_seventime.testing import CONN_ENV
from tests.integration.together.conftest import END_SECONDS
from tests.sizes import TOGETHER_ROUNDS as ROUNDS

TASK = Path(__file__).with_name("stopped_task.py")
# A stopped loop raises within half a second, on a machine that is not busy.
SOON_SECONDS = 2.0
# The interpreter's own end, with Airflow loaded, on a busy machine.
END_OF_PROCESS_SECONDS = 8.0
SLOW_SECONDS = 10.0
QUIET_SECONDS = 0.5


class Task:
    """Task in a process of its own."""

    def __init__(self, server, folder, act, **extra):
        connection = {
            "conn_type": "seventime",
            "host": server.base_url,
            "password": server.api_key,
            "login": server.acting_user_id,
            "extra": {"pacing": "machine", "requests_per_second": 20, "page_size": 25},
        }
        self._server = server
        self.process = subprocess.Popen(
            [sys.executable, str(TASK), json.dumps({"act": act, **extra})],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": str(folder), CONN_ENV: json.dumps(connection)},
        )

    def wait_for_requests(self, count, method="GET"):
        """Wait until the server has received so many requests."""
        ends_at = time.monotonic() + END_SECONDS
        while sum(entry["method"] == method for entry in self._server.journal()) < count:
            assert time.monotonic() < ends_at
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.01)

    def wait_until_quiet(self):
        """Wait until no request has come for a moment."""
        seen, since = -1, time.monotonic()
        while time.monotonic() < since + QUIET_SECONDS:
            if len(self._server.journal()) != seen:
                seen, since = len(self._server.journal()), time.monotonic()
            time.sleep(0.01)

    def end(self, number):
        """Send a signal; return how the task ended, and after how many seconds the task and the process did."""
        sent_at = time.monotonic()
        self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=END_SECONDS)
        process_seconds = time.monotonic() - sent_at
        results = [json.loads(line) for line in output.splitlines() if line.startswith('{"ended"')]
        assert len(results) == 1, output + errors
        return results[0], results[0]["at"] - sent_at, process_seconds


@pytest.fixture
def server():
    with SandboxServer(rate_limit=0, today=date(2026, 10, 1), time_logs=500) as server:
        yield server


@pytest.fixture
def task(server, tmp_path):
    started = []

    def start(act, **extra):
        started.append(Task(server, tmp_path, act, **extra))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.communicate()


def invoices(server, count):
    customer = server.records("customers")[0]["_id"]
    row = {"itemType": "general", "name": "Arbete", "numberOfItems": "1", "unitPrice": "500"}
    fields = {"customer": customer, "language": "SV", "invoiceDate": "2026-09-30", "invoiceItems": [row]}
    return [{**fields, "marking": f"nr {number}"} for number in range(count)]


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_batch_that_is_killed_sends_nothing_more(server, task, number):
    killed = task("create", records=invoices(server, 100))
    killed.wait_for_requests(random.Random(number).randint(1, 30), "POST")
    at_the_signal = len(server.journal())
    result, seconds, _ = killed.end(signal.SIGTERM)
    assert (result["ended"], result["transient"]) == ("BatchError", True)
    # The request that was under way, if there was one, and no other.
    assert len(server.journal()) <= at_the_signal + 1
    assert seconds < SOON_SECONDS


def test_a_sensor_that_is_killed_looks_no_more(server, task):
    record = next(record for record in server.records("invoices") if record["invoiceStatus"] == InvoiceStatus.DRAFT)
    killed = task("wait", records=[record["_id"]])
    killed.wait_for_requests(2)
    at_the_signal = len(server.journal())
    result, _, _ = killed.end(signal.SIGTERM)
    assert (result["ended"], result["transient"]) == ("StoppedError", True)
    assert len(server.journal()) <= at_the_signal + 1


@pytest.mark.parametrize(
    ("number", "ended", "pages_before", "in_context"),
    [
        (signal.SIGINT, "KeyboardInterrupt", 1, False),
        (signal.SIGINT, "KeyboardInterrupt", 4, True),
        (signal.SIGALRM, "AirflowTaskTimeout", 1, True),
        (signal.SIGALRM, "AirflowTaskTimeout", 4, False),
    ],
    ids=[
        "Ctrl+C on the first page, hook alone",
        "Ctrl+C with pages under way, client as a context",
        "execution_timeout on the first page, client as a context",
        "execution_timeout with pages under way, hook alone",
    ],
)
def test_a_list_with_slow_responses_that_is_interrupted_ends_at_once(
    server, task, in_context, number, ended, pages_before
):
    faults = [{"kind": "delay", "seconds": 0.4, "times": pages_before}] if pages_before > 1 else []
    server.set_faults([*faults, {"kind": "delay", "seconds": SLOW_SECONDS, "times": None}])
    reading = task("read", in_context=in_context)
    reading.wait_for_requests(pages_before + 1 if pages_before > 1 else 1)
    reading.wait_until_quiet()  # the client waits for the slow responses
    at_the_signal = len(server.journal())
    result, seconds, process_seconds = reading.end(number)
    assert result["ended"] == ended
    assert seconds < SOON_SECONDS
    assert process_seconds < END_OF_PROCESS_SECONDS
    assert len(server.journal()) <= at_the_signal
