"""Warehouse: time to write rows, compared with the time to read them at the rate limit."""

from __future__ import annotations

from benchmarks.databases import MARIADB, POSTGRESQL, SQLITE, missing_server
from benchmarks.jobs import LIMIT, Job
from benchmarks.runs import Candidate, Runner
from benchmarks.scenarios.limit import with_ideal
from benchmarks.scenarios.sizes import PAGE, records
from benchmarks.server import Conditions
from benchmarks.tables import OURS, Table

FULL_RECORDS = 100_000
COLUMNS = ("turns", "seconds", "of_reading", "cpu_seconds", "rows")
DATABASES = (POSTGRESQL, MARIADB, SQLITE)
HOOKS = (POSTGRESQL, MARIADB)  # SQLite's driver accepts neither decimals nor instants


def first_label(database: str) -> str:
    """Return the label of this provider's first load into a database."""
    return f"{OURS}, {database}"


def again_label(database: str) -> str:
    """Return the label of this provider's second run, which changes nothing."""
    return f"{OURS}, {database}, again"


def run(runner: Runner, scale: float) -> list[Table]:
    """Run the scenario: a first load, a run without changes, and ``insert_rows``."""
    count = records(FULL_RECORDS, scale)
    reading_seconds = count / PAGE / LIMIT
    candidates = []
    for database in DATABASES:
        missing = missing_server(database)
        ours = Job("seventime_sql", "", "", count, database=database)
        candidates.append(Candidate(first_label(database), ours, missing=missing))
        if database in HOOKS:
            theirs = Job("insert_rows", "", "", count, database=database)
            candidates.append(Candidate(f"insert_rows, {database}", theirs, missing=missing))
        unchanged = Job("seventime_sql", "", "", count, database=database, again=True)
        candidates.append(Candidate(again_label(database), unchanged, missing=missing))
    table = Table(
        "warehouse",
        f"Warehouse: {count:,} time logs into a table, 1,000 at a time; reading them takes {reading_seconds:.0f} s at "
        f"{LIMIT} requests a second",
        COLUMNS,
    )
    table.measurements = with_ideal(runner.measure(candidates, Conditions(0)), reading_seconds)
    return [table]
