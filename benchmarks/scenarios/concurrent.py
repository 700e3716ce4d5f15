"""Concurrent: four processes at once with one key."""

from __future__ import annotations

import socket
from importlib.util import find_spec

from benchmarks.jobs import LIMIT, Job
from benchmarks.runs import Candidate, Runner
from benchmarks.scenarios.limit import COLUMNS, LATENCY_SECONDS, paced_ideal_seconds, readers, with_ideal
from benchmarks.scenarios.sizes import records
from benchmarks.server import Conditions
from benchmarks.tables import OURS, Table

FULL_RECORDS = 10_000  # for each
PROCESSES = 4
REDIS = ("127.0.0.1", 6379)
BY_REDIS = f"{OURS}, two machines by Redis"


def no_redis() -> str | None:
    """Return the reason why Redis is not available; None: it is."""
    if find_spec("redis") is None:
        return "redis not installed"
    try:
        with socket.create_connection(REDIS, timeout=1):
            return None
    except OSError:
        return f"no Redis at {REDIS[0]}:{REDIS[1]}"


def run(runner: Runner, scale: float) -> list[Table]:
    """Run the scenario."""
    count = records(FULL_RECORDS, scale)
    pages = PROCESSES * count // 500
    ideal = paced_ideal_seconds(pages)
    candidates = [Candidate(candidate.label, candidate.job, PROCESSES) for candidate in readers(count)]
    shared = Job("seventime", "", "", count, pacing=f"redis://{REDIS[0]}:{REDIS[1]}/0")
    candidates.append(Candidate(BY_REDIS, shared, PROCESSES, machines=2, missing=no_redis()))
    table = Table(
        "concurrent",
        f"Concurrent: {PROCESSES} processes with one key, {pages} pages in all, {LIMIT} requests a second, "
        f"{LATENCY_SECONDS} s latency; ideal {ideal:.1f} s",
        COLUMNS,
    )
    table.measurements = with_ideal(runner.measure(candidates, Conditions(count, LIMIT, LATENCY_SECONDS)), ideal)
    return [table]
