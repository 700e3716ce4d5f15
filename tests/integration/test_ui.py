"""``make ui``: taken ports, processes that end together, and one start with everything that a user gets."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil
import pytest

from tests.scripts_loader import ROOT, loaded_script

UI = [sys.executable, str(ROOT / "scripts" / "ui.py")]
START_SECONDS = 150
STOP_SECONDS = 15
# Ignores SIGTERM, and starts a child in a session of its own that does so too.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "child" not in sys.argv:
    subprocess.Popen([sys.executable, __file__, "child"], start_new_session=True)
print("ready", flush=True)
time.sleep(600)
"""


@pytest.fixture
def free_ports() -> list[int]:
    with closing(socket.socket()) as one, closing(socket.socket()) as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return [one.getsockname()[1], other.getsockname()[1]]


@pytest.fixture(scope="module")
def processes() -> Iterator[ModuleType]:
    with loaded_script("processes") as module:
        yield module


@pytest.mark.parametrize("option", ["--port", "--sandbox-port"])
def test_a_taken_port_is_an_error_before_anything_starts(option: str, free_ports: list[int], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        arguments = {"--port": free_ports[0], "--sandbox-port": free_ports[1], option: taken}
        ended = subprocess.run(
            [*UI, "--folder", str(tmp_path / "ui"), *(str(part) for pair in arguments.items() for part in pair)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"Port {taken} on 127.0.0.1 is taken, which ")
    assert f'make ui ARGS="{option} {taken + 1}"' in ended.stderr
    assert len(ended.stderr.splitlines()) == 2
    assert not (tmp_path / "ui").exists()


# In a process of its own: all of its children end, and it adopts those of processes that end.
STARTER = """
import os, sys, time
from pathlib import Path
import psutil
from processes import Processes

folder = Path(sys.argv[1])
started = Processes(folder / "logs", os.environ, stop_seconds=0.2)
parent = started.start("stubborn", [sys.executable, str(folder / "stubborn.py")])
log = folder / "logs" / "stubborn.log"
while log.read_text(encoding="utf-8").count("ready") < 2:
    assert parent.poll() is None
    time.sleep(0.02)
family = psutil.Process().children(recursive=True)
started.stop()
left = [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
print(len(family), len(left))
"""


def test_processes_that_ignore_the_signal_are_killed_with_their_children(tmp_path: Path) -> None:
    (tmp_path / "stubborn.py").write_text(STUBBORN, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-c", STARTER, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (ended.stdout.split(), ended.stderr) == (["2", "0"], "")


def test_a_process_that_ends_is_named_with_the_end_of_its_log(processes: ModuleType, tmp_path: Path) -> None:
    started = processes.Processes(tmp_path, os.environ)
    program = "print('first'); print('no such table'); raise SystemExit(3)"
    started.start("scheduler", [sys.executable, "-c", program]).wait()

    with pytest.raises(processes.ProcessEndedError) as caught:
        started.check()
    assert str(caught.value).splitlines()[-4:] == [
        "no such table", "", "scheduler ended with exit code 3.", f"The whole log is {tmp_path / 'scheduler.log'}",
    ]  # fmt: skip


def listening(family: list[psutil.Process]) -> set[tuple[str, int]]:
    """Return the addresses on which processes listen."""
    return {
        (one.laddr.ip, one.laddr.port)
        for process in family
        for one in process.net_connections(kind="inet")
        if one.status == psutil.CONN_LISTEN
    }


def test_a_start_and_an_end(migrated_database: Path, free_ports: list[int], tmp_path: Path) -> None:
    """One test, because a start takes half a minute: the summary, the addresses, what is stored, and the end."""
    port, sandbox_port = free_ports
    (tmp_path / "airflow").mkdir()
    shutil.copy(migrated_database, tmp_path / "airflow" / "airflow.db")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    command = [*UI, "--port", str(port), "--sandbox-port", str(sandbox_port), "--folder", str(tmp_path)]
    output = tmp_path / "screen.txt"
    with output.open("wb") as screen:
        ui = subprocess.Popen(command, env=environment, stdout=screen, stderr=subprocess.STDOUT)
    family: list[psutil.Process] = []
    try:
        deadline = time.monotonic() + START_SECONDS
        while "Ctrl+C" not in output.read_text(encoding="utf-8"):
            assert ui.poll() is None, output.read_text(encoding="utf-8")
            assert time.monotonic() < deadline
            time.sleep(0.2)
        family = [psutil.Process(ui.pid), *psutil.Process(ui.pid).children(recursive=True)]
        assert listening(family) == {("127.0.0.1", port), ("127.0.0.1", sandbox_port)}
        assert stored(tmp_path / "airflow" / "airflow.db") == {
            "seventime_default": ("seventime", "http://127.0.0.1", sandbox_port),
            "seventime_warehouse": ("sqlite", str(tmp_path / "warehouse.db"), None),
        }
    finally:
        began = time.monotonic()
        ui.send_signal(signal.SIGTERM)
        code = ui.wait(60)
        seconds = time.monotonic() - began
    assert code == 0
    assert seconds < STOP_SECONDS
    assert not [process for process in family if process.is_running()]
    lines = output.read_text(encoding="utf-8").splitlines()
    assert any(line.startswith(f"Web page    http://127.0.0.1:{port} (Airflow ") for line in lines)
    assert f"Logs        {tmp_path / 'logs'}" in lines
    assert len(lines) < 20


def stored(database: Path) -> dict[str, tuple[Any, ...]]:
    """Return type, host and port of the connections in Airflow's database."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT conn_id, conn_type, host, port FROM connection").fetchall()
        (books,) = connection.execute("SELECT count(*) FROM variable WHERE key = 'seventime_books'").fetchone()
    assert books == 1
    return {row[0]: tuple(row[1:]) for row in rows}
