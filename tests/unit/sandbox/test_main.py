"""Command line of the sandbox."""

import json
import shlex
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import pytest
import requests

from airflow_provider_seventime.sandbox.__main__ import main
from airflow_provider_seventime.sandbox.server import SandboxServer

COMMAND = [sys.executable, "-W", "error", "-m", "airflow_provider_seventime.sandbox"]


@contextmanager
def running(*arguments):
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            banner = []
            for line in process.stdout:
                banner.append(line)
                if "Ctrl+C" in line:
                    break
            yield process, "".join(banner)
        finally:
            process.kill()


def connection_of(banner):
    (line,) = (line for line in banner.splitlines() if line.startswith("export "))
    name, _, value = shlex.split(line)[1].partition("=")
    assert name == "AIRFLOW_CONN_SEVENTIME_DEFAULT"
    return json.loads(value)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_it_prints_a_connection_serves_and_stops(number, tmp_path):
    state = tmp_path / "state.json"
    with running("--today", "2026-10-01", "--state", str(state), "--pay-after-seconds", "5") as (process, banner):
        connection = connection_of(banner)
        assert connection["conn_type"] == "seventime"
        assert "1066 timeLogs" in banner
        headers = {"Client-Secret": connection["password"], "Accept": "application/json"}
        record = {"name": "x", "createdByUser": connection["login"]}
        created = requests.post(f"{connection['host']}/api/2/customers", json=record, headers=headers, timeout=5)
        assert created.status_code == 200
        assert requests.get(f"{connection['host']}/_sandbox/payments", timeout=5).json() == {"after_seconds": 5}
        process.send_signal(number)
        _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
    assert created.json()["_id"] in state.read_text()


def test_it_can_be_lenient():
    with running("--lenient", "--time-logs", "0") as (_, banner):
        connection = connection_of(banner)
        headers = {"Client-Secret": connection["password"]}
        response = requests.get(f"{connection['host']}/api/2/users?colour=red", headers=headers, timeout=5)
        assert response.status_code == 200


def test_it_can_have_an_outage():
    with running() as (_, banner):
        base_url = connection_of(banner)["host"]
        headers = {"Client-Secret": connection_of(banner)["password"], "Accept": "application/json"}
        ordered = requests.post(f"{base_url}/_sandbox/faults", json=[{"kind": "refuse", "seconds": 0.5}], timeout=5)
        assert ordered.status_code == 200
        for expected in ("reset by peer", "refused"):
            with pytest.raises(requests.ConnectionError, match=expected):
                requests.get(f"{base_url}/api/2/users", headers=headers, timeout=5)
        for _ in range(1000):
            with suppress(requests.ConnectionError):
                seen = requests.get(f"{base_url}/_sandbox/journal", timeout=5).json()["requests"]
                break
            time.sleep(0.005)
    assert [(entry["status"], entry["fault"]) for entry in seen] == [(None, "refuse")]


@pytest.mark.parametrize(
    ("limit", "extra"),
    [("4", None), ("2", {"requests_per_second": 2}), ("0", {"requests_per_second": 1000})],
    ids=["the service's", "lower", "none"],
)
def test_the_connection_has_the_rate_limit_of_the_sandbox(limit, extra):
    with running("--rate-limit", limit, "--key", "it's mine") as (_, banner):
        connection = connection_of(banner)
    assert connection.get("extra") == extra
    assert connection["password"] == "it's mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--host", "0.0.0.0"], "--allow-remote"),
        (["--rate-limit", "-1"], "--rate-limit"),
        (["--time-logs", "-1"], "--time-logs"),
        (["--today", "1 May"], "--today"),
        (["--port", "http"], "--port"),
    ],
    ids=str,
)
def test_the_message_names_an_invalid_option(arguments, message, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert message in capsys.readouterr().err


def test_a_used_port_ends_with_a_message(capsys):
    with SandboxServer() as server:
        assert main(["--port", str(server.port)]) == 2
    assert f"port {server.port}" in capsys.readouterr().err


def test_it_does_not_import_airflow():
    code = "import sys, airflow_provider_seventime.sandbox.server; assert 'airflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
