"""Process of a candidate: import Airflow, prepare, wait for the start, run the job, write the result.

usage: python -m benchmarks.worker FILE_DESCRIPTOR JOB

JOB is JSON. The process writes ``ready`` and then the result to the file descriptor.
"""

from __future__ import annotations

import resource
import sys
import time
from importlib import import_module
from pathlib import Path

from benchmarks.jobs import CONNECTION, Job, Result

READY = "ready\n"


def load_airflow() -> None:
    """Import what the process of every task imports, and look up a connection once."""
    from airflow.providers.common.compat.sdk import BaseHook, BaseOperator  # noqa: F401 - the module imports lazily

    BaseHook.get_connection(CONNECTION)


def cpu_seconds() -> float:
    """Return the CPU time of this process, user and system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_bytes() -> int:
    """Return the peak memory of this process.

    On Linux a new process inherits the value of getrusage from its parent; the value in /proc starts from zero.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def main(descriptor: str, job_text: str) -> None:
    """Run a job."""
    job = Job.from_json(job_text)
    load_airflow()
    cpu_before, peak_before = cpu_seconds(), peak_bytes()
    read = import_module(f"benchmarks.candidates.{job.candidate}").prepare(job)
    with open(int(descriptor), "w", encoding="utf-8") as channel:
        channel.write(READY)
        channel.flush()
        sys.stdin.readline()
        started = time.monotonic()
        rows = read()
        ended = time.monotonic()
        result = Result(started, ended, cpu_seconds() - cpu_before, max(peak_bytes() - peak_before, 0), rows)
        channel.write(result.to_json())


if __name__ == "__main__":
    main(*sys.argv[1:])
