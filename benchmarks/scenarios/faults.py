"""Faults: one answer in ten is a 500, and what is repeated counts for the limit like the rest."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.jobs import LIMIT
from benchmarks.runs import Arena
from benchmarks.scenarios.limit import FULL_RECORDS, LATENCY_SECONDS, paced_ideal_seconds, readers
from benchmarks.scenarios.sizes import records
from benchmarks.server import Conditions
from benchmarks.tables import Table

FAILING_EVERY = 10
COLUMNS = ("turns", "seconds", "ideal_seconds", "of_ideal", "of_ours", "requests", "failures", "rejections", "rows")


def run(arena: Arena, scale: float) -> list[Table]:
    """Run the scenario; the ideal of a turn is that of the requests it made, repeated ones included."""
    count = records(FULL_RECORDS, scale)
    conditions = Conditions(count, LIMIT, LATENCY_SECONDS, failing_every=FAILING_EVERY)
    table = Table(
        "faults",
        f"Faults: as at the limit, {count:,} time logs, and every tenth answer is a 500; "
        "ideal for the requests that each made",
        COLUMNS,
    )
    table.standings = arena.compete(readers(count), conditions)
    for standing in table.standings:
        standing.turns = [replace(turn, ideal_seconds=paced_ideal_seconds(turn.requests)) for turn in standing.turns]
    return [table]
