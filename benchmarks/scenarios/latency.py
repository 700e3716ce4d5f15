"""Latency: no rate limit, and a latency that slows down clients with one request at a time."""

from __future__ import annotations

from benchmarks.jobs import UNLIMITED, Job
from benchmarks.runs import Candidate, Runner
from benchmarks.scenarios.limit import READERS, with_ideal
from benchmarks.scenarios.sizes import records
from benchmarks.server import Conditions
from benchmarks.tables import FLOOR, Table

FULL_RECORDS = 50_000
LATENCY_SECONDS = 0.2
CONNECTIONS = 8
COLUMNS = ("turns", "seconds", "of_ideal", "of_ours", "requests", "rows")


def run(runner: Runner, scale: float) -> list[Table]:
    """Run the scenario."""
    count = records(FULL_RECORDS, scale)
    candidates = [
        Candidate(f"{FLOOR}, {CONNECTIONS} connections", Job("floor", "", "", count, connections=CONNECTIONS)),
        *(
            Candidate(label, Job(candidate, "", "", count, requests_per_second=UNLIMITED))
            for label, candidate in READERS.items()
        ),
    ]
    ideal = count / 500 / CONNECTIONS * LATENCY_SECONDS
    table = Table(
        "latency",
        f"Latency: {count:,} time logs, {LATENCY_SECONDS} s latency, no limit; "
        f"ideal with {CONNECTIONS} concurrent requests {ideal:.1f} s",
        COLUMNS,
    )
    table.measurements = with_ideal(
        runner.measure(candidates, Conditions(count, latency_seconds=LATENCY_SECONDS)), ideal
    )
    return [table]
