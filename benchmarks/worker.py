"""A contestant's process: loads Airflow, as a task does, gets ready, waits for the start, reads, tells what it cost.

usage: python -m benchmarks.worker FILE_DESCRIPTOR JOB        the job as JSON; says ``ready``, then the result
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
    """Load what every task's process loads before the task's own work begins, and look a connection up once."""
    from airflow.providers.common.compat.sdk import BaseHook, BaseOperator  # noqa: F401 - loaded when it is named

    BaseHook.get_connection(CONNECTION)


def cpu_seconds() -> float:
    """Return what this process has used, user and system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_bytes() -> int:
    """Return the highest memory of this process.

    Linux hands getrusage's figure on from the parent's memory at the start; what stands in /proc begins anew.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def main(descriptor: str, job_text: str) -> None:
    """Do a job."""
    job = Job.from_json(job_text)
    load_airflow()
    cpu_before, peak_before = cpu_seconds(), peak_bytes()
    read = import_module(f"benchmarks.contestants.{job.contestant}").prepare(job)
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
