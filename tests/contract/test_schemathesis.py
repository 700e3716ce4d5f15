"""Schemathesis calls every operation of the OpenAPI document in the sandbox and validates every response.

The test runs its command line on ``docs/openapi.json``. ``schemathesis.toml`` has the checks, and
``schemathesis_hooks.py`` chooses the ids. The cases are the same in every run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import requests

from airflow_provider_seventime.sandbox.server import SandboxServer
from tests.sizes import examples

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "openapi.json"
PATHS = json.loads(DOCUMENT.read_text(encoding="utf-8"))["paths"]
OPERATIONS = sorted(f"{method.upper()} {path}" for path, item in PATHS.items() for method in item)
LONGEST_SECONDS = 300


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer(today=date(2026, 10, 1), rate_limit=0, time_logs=60) as running:
        yield running


def test_every_response_conforms_to_the_document(server: SandboxServer, tmp_path: Path) -> None:
    answers = tmp_path / "answers"
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"), "run"]
    arguments = [str(DOCUMENT), "--url", f"{server.base_url}/api/2", "--continue-on-failure", "--no-color"]
    arguments += ["--max-examples", str(examples(6))]
    headers = [f"Client-Secret: {server.api_key}", "Accept: application/json", "Content-Type: application/json"]
    ran = subprocess.run(
        [*command, *arguments, *(part for header in headers for part in ("--header", header))],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")]),
            "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
            "SEVENTIME_SANDBOX_CONTROLS": f"{server.base_url}/_sandbox",
            "SEVENTIME_SANDBOX_ANSWERS": str(answers),
        },
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    statuses = {tuple(line.split("\t")) for line in answers.read_text(encoding="utf-8").splitlines()}
    never_done = [name for name in OPERATIONS if not statuses & {(name, "200"), (name, "201")}]
    assert never_done == [], f"no case of these operations was ever answered with success: {never_done}"


@pytest.mark.parametrize("key", [None, "wrong"])
def test_every_operation_requires_the_key(server: SandboxServer, key: str | None) -> None:
    for operation in OPERATIONS:
        method, path = operation.split(" ")
        answer = requests.request(method, f"{server.base_url}/api/2{path}", headers={"Client-Secret": key}, timeout=10)
        assert answer.status_code == 401, operation
