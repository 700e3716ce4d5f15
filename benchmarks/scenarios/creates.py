"""Creates: cost of the note of a create with a reference, beside a create without one."""

from __future__ import annotations

from benchmarks.jobs import UNLIMITED, Job
from benchmarks.runs import Candidate, Runner
from benchmarks.scenarios.concurrent import REDIS, no_redis
from benchmarks.server import Conditions
from benchmarks.tables import OURS, Table

FULL_RECORDS = 2_000
FEWEST_RECORDS = 20
COLUMNS = ("turns", "seconds", "each_ms", "cpu_seconds", "requests", "rows")
STORES = {"files": "machine", "Redis": f"redis://{REDIS[0]}:{REDIS[1]}/0"}


def label(store: str, *, with_note: bool) -> str:
    """Return the label of a candidate.

    :param store: where rate limit and notes are.
    :param with_note: the creates have a reference.
    """
    return f"{OURS}, {store}, {'with' if with_note else 'without'} a note"


def run(runner: Runner, scale: float) -> list[Table]:
    """Run the scenario. The rate limit is in the same store as the notes, so only the notes differ."""
    count = max(round(FULL_RECORDS * scale), FEWEST_RECORDS)
    candidates = [
        Candidate(
            label(store, with_note=with_note),
            Job(
                "seventime_creates",
                "",
                "",
                count,
                requests_per_second=UNLIMITED,
                pacing=pacing,
                with_note=with_note,
            ),
            missing=no_redis() if store == "Redis" else None,
        )
        for store, pacing in STORES.items()
        for with_note in (False, True)
    ]
    table = Table("creates", f"Creates: {count:,} invoices one by one, no limit, no latency", COLUMNS)
    table.measurements = runner.measure(candidates, Conditions())
    return [table]
