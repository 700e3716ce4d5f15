"""What the provider sets out to show, and whether a run showed it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.results import Results
from benchmarks.runs import Standing
from benchmarks.scenarios.crowd import BY_REDIS
from benchmarks.scenarios.warehouse import DATABASES, again_label, first_label
from benchmarks.tables import OURS, Table, most, of_ideal, ratio, typical

LARGEST_PEAK_MB = 60.0
# Two runs of the same list differ by as much: the allocator's pages.
MEMORY_NOISE_MB = 3.0


@dataclass(frozen=True, slots=True)
class WaitResult:
    """One goal: what was asked for, what was measured, and whether it is met."""

    text: str
    measured: str
    met: bool

    @property
    def sign(self) -> str:
        """One word."""
        return "met" if self.met else "MISSED"


def evaluate(results: Results) -> list[WaitResult]:
    """Return a verdict on every goal whose numbers are there."""
    found: list[WaitResult] = []
    for name, ask in QUESTIONS.items():
        table = results.table(name)
        if table is not None:
            found.extend(ask(table))
    return found


def _at_most(text: str, value: float | None, most_allowed: float, unit: str = "") -> Iterator[WaitResult]:
    if value is not None:
        shown = f"{value:.2f}" if isinstance(value, float) else str(value)
        yield WaitResult(f"{text}, at most {most_allowed:g}{unit}", f"{shown}{unit}", value <= most_allowed)


def _paced(where: str, standing: Standing | None, rejections_allowed: int) -> Iterator[WaitResult]:
    yield from _at_most(f"{where}: times the ideal", of_ideal(standing), 1.1)
    yield from _at_most(f"{where}: rejections", most(standing, "rejections"), rejections_allowed)


def _limit(table: Table) -> Iterator[WaitResult]:
    return _paced(table.name, table.standing(OURS), 0)


def _crowd(table: Table) -> Iterator[WaitResult]:
    yield from _paced("crowd", table.standing(OURS), 1)
    yield from _paced("crowd by Redis", table.standing(BY_REDIS), 1)


def _latency(table: Table) -> Iterator[WaitResult]:
    return _at_most("latency: times the ideal at 8 in flight", of_ideal(table.standing(OURS)), 1.3)


def _cost(table: Table) -> Iterator[WaitResult]:
    ours = table.standing(OURS)
    if ours is None:
        return
    yield from _at_most("cost: CPU to HttpOperator's", ratio(table, ours, "HttpOperator", "cpu_seconds"), 0.25)
    yield from _at_most("cost: CPU to dlt's", ratio(table, ours, "dlt pipeline", "cpu_seconds"), 0.1)
    yield from _at_most("cost: peak memory beyond Airflow", typical(ours, "peak_mb"), LARGEST_PEAK_MB, " MB")


def _memory(table: Table) -> Iterator[WaitResult]:
    peaks = [peak for standing in table.standings if (peak := typical(standing, "peak_mb")) is not None]
    if len(peaks) == len(table.standings):
        yield from _at_most(
            "memory: growth from the fewest to the most records", peaks[-1] - peaks[0], MEMORY_NOISE_MB, " MB"
        )


def _imports(table: Table) -> Iterator[WaitResult]:
    seconds = typical(table.standing(OURS), "seconds")
    return _at_most("import: beyond airflow.sdk", None if seconds is None else seconds * 1000, 15, " ms")


def _warehouse(table: Table) -> Iterator[WaitResult]:
    for database in DATABASES:
        for label in (first_label(database), again_label(database)):
            what = label.removeprefix(f"{OURS}, ")
            yield from _at_most(f"warehouse: {what}, times reading at the limit", of_ideal(table.standing(label)), 0.1)


QUESTIONS: dict[str, Callable[[Table], Iterator[WaitResult]]] = {
    "limit": _limit,
    "jitter": _limit,
    "crowd": _crowd,
    "cost": _cost,
    "memory": _memory,
    "latency": _latency,
    "import": _imports,
    "faults": _limit,
    "warehouse": _warehouse,
}
