"""At the limit: one task, one key, a server that enforces four requests a second."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.jobs import LIMIT, Job
from benchmarks.runs import Arena, Entry, Standing
from benchmarks.scenarios.sizes import records
from benchmarks.server import Conditions
from benchmarks.tables import FLOOR, OURS, Table

FULL_RECORDS = 20_000
LATENCY_SECONDS = 0.4
JITTER_SECONDS = 0.05
SMALL_PAGE = 100
COLUMNS = ("turns", "seconds", "of_ideal", "of_ours", "requests", "rejections", "rows")
READERS = {"requests loop": "requests_loop", "HttpOperator": "http_operator", "dlt": "dlt_source", OURS: "seventime"}


def readers(count: int) -> list[Entry]:
    """Return those who read the whole list, 500 a page."""
    return [Entry(label, Job(contestant, "", "", count)) for label, contestant in READERS.items()]


def paced_ideal_seconds(pages: int) -> float:
    """Return what that many requests take at the limit, and the last answer."""
    return pages / LIMIT + LATENCY_SECONDS


def with_ideal(standings: list[Standing], ideal_seconds: float) -> list[Standing]:
    """Set every turn against the same ideal."""
    for standing in standings:
        standing.turns = [replace(turn, ideal_seconds=ideal_seconds) for turn in standing.turns]
    return standings


def run(arena: Arena, scale: float) -> list[Table]:
    """Run the scenario, without jitter and with it."""
    count = records(FULL_RECORDS, scale)
    conditions = Conditions(count, LIMIT, LATENCY_SECONDS)
    everyone = [
        Entry(f"{FLOOR}, one connection", Job("floor", "", "", count)),
        Entry("requests loop, 100 a page", Job("requests_loop", "", "", count, SMALL_PAGE)),
        *readers(count),
    ]
    ideal = paced_ideal_seconds(count // 500)
    about = f"{count:,} time logs, {LIMIT} requests a second, {LATENCY_SECONDS} s latency; ideal {ideal:.1f} s"
    calm = Table("limit", f"At the limit: {about}", COLUMNS)
    calm.standings = with_ideal(arena.compete(everyone, conditions), ideal)
    # Up to so much each way, so half of it each way on average.
    shaken_ideal = ideal + JITTER_SECONDS
    shaken = Table(
        "jitter",
        f"The same with up to {JITTER_SECONDS * 1000:.0f} ms of jitter each way; ideal {shaken_ideal:.1f} s",
        COLUMNS,
    )
    # Who asks for one page after the other is nowhere near the limit: one of them shows it.
    near = [entry for entry in readers(count) if entry.label in ("requests loop", OURS)]
    shaken.standings = with_ideal(arena.compete(near, replace(conditions, jitter_seconds=JITTER_SECONDS)), shaken_ideal)
    return [calm, shaken]
