"""Warehouse: what writing rows takes, set against what the API's limit makes of reading them."""

from __future__ import annotations

from benchmarks.databases import MARIADB, POSTGRESQL, SQLITE, missing_server
from benchmarks.jobs import LIMIT, Job
from benchmarks.runs import Arena, Entry
from benchmarks.scenarios.limit import with_ideal
from benchmarks.scenarios.sizes import PAGE, records
from benchmarks.server import Conditions
from benchmarks.tables import OURS, Table

FULL_RECORDS = 100_000
COLUMNS = ("turns", "seconds", "of_reading", "cpu_seconds", "rows")
DATABASES = (POSTGRESQL, MARIADB, SQLITE)
HOOKS = (POSTGRESQL, MARIADB)  # SQLite's driver takes none of the rows' decimals and instants


def first_label(database: str) -> str:
    """Return how our first load of a database is called."""
    return f"{OURS}, {database}"


def again_label(database: str) -> str:
    """Return how our second run, which changes nothing, is called."""
    return f"{OURS}, {database}, again"


def run(arena: Arena, scale: float) -> list[Table]:
    """Run the scenario: a first load and one that finds nothing changed, and Airflow's own way beside them."""
    count = records(FULL_RECORDS, scale)
    reading_seconds = count / PAGE / LIMIT
    entries = []
    for database in DATABASES:
        missing = missing_server(database)
        ours = Job("seventime_sql", "", "", count, database=database)
        entries.append(Entry(first_label(database), ours, missing=missing))
        if database in HOOKS:
            theirs = Job("insert_rows", "", "", count, database=database)
            entries.append(Entry(f"insert_rows, {database}", theirs, missing=missing))
        unchanged = Job("seventime_sql", "", "", count, database=database, again=True)
        entries.append(Entry(again_label(database), unchanged, missing=missing))
    table = Table(
        "warehouse",
        f"Warehouse: {count:,} time logs into a table, 1,000 at a time; reading them takes {reading_seconds:.0f} s at "
        f"{LIMIT} requests a second",
        COLUMNS,
    )
    table.standings = with_ideal(arena.compete(entries, Conditions(0)), reading_seconds)
    return [table]
