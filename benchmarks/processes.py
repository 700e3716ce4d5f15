"""Processes of candidates: start, wait for the result, stop."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from benchmarks.databases import connection_of
from benchmarks.jobs import CONNECTION, WAREHOUSE, Job, Result
from benchmarks.service import ROOT
from benchmarks.worker import READY

START_TIMEOUT_SECONDS = 60.0
RUN_TIMEOUT_SECONDS = 600.0
OURS = ("seventime", "seventime_creates")
INHERITED_VARIABLES = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "TZ")


class Worker:
    """Process of a candidate."""

    def __init__(self, process: subprocess.Popen[bytes], channel: IO[str], log: Path) -> None:
        self.process = process
        self._channel = channel
        self._log = log

    def wait_until_ready(self) -> bool:
        """Wait until the process is ready, and return whether it is."""
        readable, _, _ = select.select([self._channel], [], [], START_TIMEOUT_SECONDS)
        if readable and self._channel.readline() == READY:
            return True
        if readable:
            self.process.wait(START_TIMEOUT_SECONDS)  # the process has closed the pipe and ends
        return False

    def start(self) -> None:
        """Start the measured work."""
        if self.process.stdin:
            self.process.stdin.write(b"\n")
            self.process.stdin.flush()

    def finish(self) -> Result | None:
        """Wait for the end of the process and return its result; None: it failed."""
        timeout = threading.Timer(RUN_TIMEOUT_SECONDS, self.process.kill)
        timeout.start()
        try:
            text = self._channel.read()
            self.process.wait()
        finally:
            timeout.cancel()
        return Result.from_json(text) if text else None

    def error(self) -> str | None:
        """Return the last line of the log of a failed process; None: the process succeeded."""
        if not self.process.poll():
            return None
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return (lines[-1] if lines else f"exit code {self.process.returncode}")[:300]


def started(workers: Sequence[Worker]) -> Sequence[Worker]:
    """Start the work of all processes at once."""
    for worker in workers:
        worker.start()
    return workers


@contextmanager
def start(job: Job, folder: Path, machine: int) -> Iterator[Worker]:
    """Start a process, and kill it at the end if it still runs.

    :param machine: number of the simulated machine.
    """
    reading, writing = os.pipe()
    log = folder / f"{os.urandom(4).hex()}.log"
    with log.open("wb") as output, os.fdopen(reading, encoding="utf-8") as channel:
        process = subprocess.Popen(  # noqa: S603 - our own module with our own arguments
            [sys.executable, "-m", "benchmarks.worker", str(writing), job.to_json()],
            cwd=ROOT,
            env=environment(job, folder, machine),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            pass_fds=[writing],
        )
        os.close(writing)
        try:
            yield Worker(process, channel, log)
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


def environment(job: Job, folder: Path, machine: int = 0) -> Mapping[str, str]:
    """Return the environment variables of a candidate's process: its own Airflow, no proxy, one or two connections.

    :param job: job of the process.
    :param folder: folder for its files.
    :param machine: number of the simulated machine. Processes of one machine share their temporary folders.
    """
    temporary = folder / f"machine-{machine}"
    temporary.mkdir(exist_ok=True)
    address = urlsplit(job.base_url)
    connection = {
        "conn_type": "seventime" if job.candidate in OURS else "http",
        "host": address.hostname,
        "port": address.port,
        "password": job.key,
        "login": "user-1",
    }
    if job.candidate in OURS:
        connection["extra"] = json.dumps(
            {"requests_per_second": job.requests_per_second, "pacing": job.pacing, "page_size": job.page_size}
        )
    warehouse = (
        {f"AIRFLOW_CONN_{WAREHOUSE.upper()}": json.dumps(connection_of(job.database, folder))} if job.database else {}
    )
    return {
        **warehouse,
        **{name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ},
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        f"AIRFLOW_CONN_{CONNECTION.upper()}": json.dumps(connection),
        **dict.fromkeys(("TMPDIR", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_STATE_HOME"), str(temporary)),
    }
