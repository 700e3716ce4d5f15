"""Faults: one response in ten has status 500. Repeated requests count towards the rate limit."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.jobs import LIMIT
from benchmarks.runs import Runner
from benchmarks.scenarios.limit import FULL_RECORDS, LATENCY_SECONDS, paced_ideal_seconds, readers
from benchmarks.scenarios.sizes import records
from benchmarks.server import Conditions
from benchmarks.tables import Table

FAILING_EVERY = 10
COLUMNS = ("turns", "seconds", "ideal_seconds", "of_ideal", "of_ours", "requests", "failures", "rejections", "rows")


def run(runner: Runner, scale: float) -> list[Table]:
    """Run the scenario. The ideal time of a turn includes its repeated requests."""
    count = records(FULL_RECORDS, scale)
    conditions = Conditions(count, LIMIT, LATENCY_SECONDS, failing_every=FAILING_EVERY)
    table = Table(
        "faults",
        f"Faults: as at the limit, {count:,} time logs, and every tenth response is a 500; "
        "ideal for the requests that each sent",
        COLUMNS,
    )
    table.measurements = runner.measure(readers(count), conditions)
    for measurement in table.measurements:
        measurement.turns = [
            replace(turn, ideal_seconds=paced_ideal_seconds(turn.requests)) for turn in measurement.turns
        ]
    return [table]
