"""Cost: CPU and memory of writing a list to JSON Lines, without those of Airflow."""

from __future__ import annotations

from benchmarks.jobs import UNLIMITED, Job
from benchmarks.runs import Candidate, Measurement, Runner
from benchmarks.scenarios.limit import READERS
from benchmarks.scenarios.sizes import records
from benchmarks.server import Conditions
from benchmarks.tables import FLOOR, OURS, Table

FULL_RECORDS = 200_000
FEW_RECORDS = 50_000
MANY_RECORDS = 1_000_000
COLUMNS = ("turns", "cpu_seconds", "cpu_of_ours", "cpu_of_floor", "peak_mb", "seconds", "rows")
FILE = "time_logs.jsonl"


def run(runner: Runner, scale: float) -> list[Table]:
    """Run the scenario: every candidate, and this provider with fewer and more records."""
    count = records(FULL_RECORDS, scale)
    table = Table(
        "cost",
        f"Cost: {count:,} time logs into JSON Lines, no limit, no latency; CPU and peak memory beyond Airflow's own",
        COLUMNS,
        floor=FLOOR,
    )
    table.measurements = runner.measure(
        [
            Candidate(FLOOR, Job("floor", "", "", count)),
            *(
                Candidate("dlt pipeline" if label == "dlt" else label, _job(candidate, count))
                for label, candidate in READERS.items()
            ),
        ],
        Conditions(count),
    )
    memory = Table(
        "memory", "Memory of this provider as the list grows", ("turns", "cpu_seconds", "peak_mb", "seconds", "rows")
    )
    memory.measurements = [_alone(runner, records(full, scale)) for full in (FEW_RECORDS, FULL_RECORDS, MANY_RECORDS)]
    return [table, memory]


def _job(candidate: str, count: int) -> Job:
    return Job(candidate, "", "", count, requests_per_second=UNLIMITED, output=FILE)


def _alone(runner: Runner, count: int) -> Measurement:
    candidate = Candidate(f"{OURS}, {count:,} records", _job("seventime", count))
    (measurement,) = runner.measure([candidate], Conditions(count), turns=1)
    return measurement
