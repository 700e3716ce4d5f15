"""Cost: CPU and memory of a list that goes to a JSON Lines file, beyond what Airflow itself costs."""

from __future__ import annotations

from benchmarks.jobs import UNLIMITED, Job
from benchmarks.runs import Arena, Entry, Standing
from benchmarks.scenarios.limit import READERS
from benchmarks.scenarios.sizes import records
from benchmarks.server import Conditions
from benchmarks.tables import FLOOR, OURS, Table

FULL_RECORDS = 200_000
FEW_RECORDS = 50_000
MANY_RECORDS = 1_000_000
COLUMNS = ("turns", "cpu_seconds", "cpu_of_ours", "cpu_of_floor", "peak_mb", "seconds", "rows")
FILE = "time_logs.jsonl"


def run(arena: Arena, scale: float) -> list[Table]:
    """Run the scenario: everybody, and ourselves with fewer and with more records."""
    count = records(FULL_RECORDS, scale)
    table = Table(
        "cost",
        f"Cost: {count:,} time logs into JSON Lines, no limit, no latency; CPU and peak memory beyond Airflow's own",
        COLUMNS,
        floor=FLOOR,
    )
    table.standings = arena.compete(
        [
            Entry(FLOOR, Job("floor", "", "", count)),
            *(
                Entry("dlt pipeline" if label == "dlt" else label, _job(contestant, count))
                for label, contestant in READERS.items()
            ),
        ],
        Conditions(count),
    )
    memory = Table(
        "memory", "Memory of this provider as the list grows", ("turns", "cpu_seconds", "peak_mb", "seconds", "rows")
    )
    memory.standings = [_alone(arena, records(full, scale)) for full in (FEW_RECORDS, FULL_RECORDS, MANY_RECORDS)]
    return [table, memory]


def _job(contestant: str, count: int) -> Job:
    return Job(contestant, "", "", count, requests_per_second=UNLIMITED, output=FILE)


def _alone(arena: Arena, count: int) -> Standing:
    entry = Entry(f"{OURS}, {count:,} records", _job("seventime", count))
    (standing,) = arena.compete([entry], Conditions(count), turns=1)
    return standing
