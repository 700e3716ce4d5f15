"""Latency: no limit, but every answer takes its time; who asks for one page after the other waits."""

from __future__ import annotations

from benchmarks.jobs import UNLIMITED, Job
from benchmarks.runs import Arena, Entry
from benchmarks.scenarios.limit import READERS, with_ideal
from benchmarks.scenarios.sizes import records
from benchmarks.server import Conditions
from benchmarks.tables import FLOOR, Table

FULL_RECORDS = 50_000
LATENCY_SECONDS = 0.2
IN_FLIGHT = 8
COLUMNS = ("turns", "seconds", "of_ideal", "of_ours", "requests", "rows")


def run(arena: Arena, scale: float) -> list[Table]:
    """Run the scenario."""
    count = records(FULL_RECORDS, scale)
    entries = [
        Entry(f"{FLOOR}, {IN_FLIGHT} connections", Job("floor", "", "", count, connections=IN_FLIGHT)),
        *(
            Entry(label, Job(contestant, "", "", count, requests_per_second=UNLIMITED))
            for label, contestant in READERS.items()
        ),
    ]
    ideal = count / 500 / IN_FLIGHT * LATENCY_SECONDS
    table = Table(
        "latency",
        f"Latency: {count:,} time logs, {LATENCY_SECONDS} s latency, no limit; "
        f"ideal at {IN_FLIGHT} in flight {ideal:.1f} s",
        COLUMNS,
    )
    table.standings = with_ideal(arena.compete(entries, Conditions(count, latency_seconds=LATENCY_SECONDS)), ideal)
    return [table]
