"""Limit: one process, one key, and a server that allows four requests per second."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.jobs import LIMIT, Job
from benchmarks.runs import Candidate, Measurement, Runner
from benchmarks.scenarios.sizes import records
from benchmarks.server import Conditions
from benchmarks.tables import FLOOR, OURS, Table

FULL_RECORDS = 20_000
LATENCY_SECONDS = 0.4
JITTER_SECONDS = 0.05
SMALL_PAGE = 100
COLUMNS = ("turns", "seconds", "of_ideal", "of_ours", "requests", "rejections", "rows")
READERS = {"requests loop": "requests_loop", "HttpOperator": "http_operator", "dlt": "dlt_source", OURS: "seventime"}


def readers(count: int) -> list[Candidate]:
    """Return the candidates that read the list with 500 records per page."""
    return [Candidate(label, Job(candidate, "", "", count)) for label, candidate in READERS.items()]


def paced_ideal_seconds(pages: int) -> float:
    """Return the time of so many requests at the rate limit, with the latency of the last response."""
    return pages / LIMIT + LATENCY_SECONDS


def with_ideal(measurements: list[Measurement], ideal_seconds: float) -> list[Measurement]:
    """Set the ideal time of every turn."""
    for measurement in measurements:
        measurement.turns = [replace(turn, ideal_seconds=ideal_seconds) for turn in measurement.turns]
    return measurements


def run(runner: Runner, scale: float) -> list[Table]:
    """Run the scenario, without jitter and with it."""
    count = records(FULL_RECORDS, scale)
    conditions = Conditions(count, LIMIT, LATENCY_SECONDS)
    candidates = [
        Candidate(f"{FLOOR}, one connection", Job("floor", "", "", count)),
        Candidate("requests loop, 100 a page", Job("requests_loop", "", "", count, SMALL_PAGE)),
        *readers(count),
    ]
    ideal = paced_ideal_seconds(count // 500)
    about = f"{count:,} time logs, {LIMIT} requests a second, {LATENCY_SECONDS} s latency; ideal {ideal:.1f} s"
    plain = Table("limit", f"At the limit: {about}", COLUMNS)
    plain.measurements = with_ideal(runner.measure(candidates, conditions), ideal)
    # The average jitter is half of the maximum, and it applies twice.
    jittery_ideal = ideal + JITTER_SECONDS
    jittery = Table(
        "jitter",
        f"The same with up to {JITTER_SECONDS * 1000:.0f} ms of jitter each way; ideal {jittery_ideal:.1f} s",
        COLUMNS,
    )
    # Clients with one request at a time stay below the limit; one of them is enough.
    compared = [candidate for candidate in readers(count) if candidate.label in ("requests loop", OURS)]
    jittery.measurements = with_ideal(
        runner.measure(compared, replace(conditions, jitter_seconds=JITTER_SECONDS)), jittery_ideal
    )
    return [plain, jittery]
