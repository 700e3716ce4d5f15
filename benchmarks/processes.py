"""Contestants' processes as the benchmarks see them: started, waited for, ended."""

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
HANDED_ON = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "TZ")


class Worker:
    """A contestant's process."""

    def __init__(self, process: subprocess.Popen[bytes], channel: IO[str], log: Path) -> None:
        self.process = process
        self._channel = channel
        self._log = log

    def wait_until_ready(self) -> bool:
        """Return whether it got ready."""
        readable, _, _ = select.select([self._channel], [], [], START_TIMEOUT_SECONDS)
        if readable and self._channel.readline() == READY:
            return True
        if readable:
            self.process.wait(START_TIMEOUT_SECONDS)  # it has closed its end of the pipe, and is ending
        return False

    def start(self) -> None:
        """Let it begin."""
        if self.process.stdin:
            self.process.stdin.write(b"\n")
            self.process.stdin.flush()

    def finish(self) -> Result | None:
        """Wait for its end; return its result, None where it ended without one."""
        too_long = threading.Timer(RUN_TIMEOUT_SECONDS, self.process.kill)
        too_long.start()
        try:
            text = self._channel.read()
            self.process.wait()
        finally:
            too_long.cancel()
        return Result.from_json(text) if text else None

    def error(self) -> str | None:
        """Return the last line of its log where it failed."""
        if not self.process.poll():
            return None
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return (lines[-1] if lines else f"ended with {self.process.returncode}")[:300]


def started(workers: Sequence[Worker]) -> Sequence[Worker]:
    """Let processes begin, all at once."""
    for worker in workers:
        worker.start()
    return workers


@contextmanager
def start(job: Job, folder: Path, machine: int) -> Iterator[Worker]:
    """Start a process; kill it where it is left running."""
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
    """Return the variables of a contestant's process: an Airflow of its own, no proxy, no connection but its own.

    :param job: what it does.
    :param folder: for what it writes.
    :param machine: processes of the same number share what the processes of a machine share.
    """
    temporary = folder / f"machine-{machine}"
    temporary.mkdir(exist_ok=True)
    address = urlsplit(job.base_url)
    connection = {
        "conn_type": "seventime" if job.contestant == "seventime" else "http",
        "host": address.hostname,
        "port": address.port,
        "password": job.key,
    }
    if job.contestant == "seventime":
        connection["extra"] = json.dumps(
            {"requests_per_second": job.requests_per_second, "pacing": job.pacing, "page_size": job.page_size}
        )
    warehouse = (
        {f"AIRFLOW_CONN_{WAREHOUSE.upper()}": json.dumps(connection_of(job.database, folder))} if job.database else {}
    )
    return {
        **warehouse,
        **{name: os.environ[name] for name in HANDED_ON if name in os.environ},
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        f"AIRFLOW_CONN_{CONNECTION.upper()}": json.dumps(connection),
        **dict.fromkeys(("TMPDIR", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_STATE_HOME"), str(temporary)),
    }
