"""Goals of the provider, and the results that a run measured for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.results import Results
from benchmarks.runs import Measurement
from benchmarks.scenarios.concurrent import BY_REDIS
from benchmarks.scenarios.creates import label as create_label
from benchmarks.scenarios.warehouse import DATABASES, again_label, first_label
from benchmarks.tables import OURS, Table, milliseconds_each, most, of_ideal, ratio, typical

LARGEST_PEAK_MB = 60.0
# Two runs of the same list differ by this much, because of the allocator.
MEMORY_NOISE_MB = 3.0
# Longest time of a note, beyond that of the create.
NOTE_MILLISECONDS = {"files": 2.0, "Redis": 5.0}


@dataclass(frozen=True, slots=True)
class GoalResult:
    """Result of one goal.

    :param text: the goal.
    :param measured: the measured number with its unit.
    :param met: the goal is met.
    """

    text: str
    measured: str
    met: bool

    @property
    def outcome(self) -> str:
        """``met`` or ``MISSED``."""
        return "met" if self.met else "MISSED"


def evaluate(results: Results) -> list[GoalResult]:
    """Return the result of every goal whose table was measured."""
    goals: list[GoalResult] = []
    for name, check in CHECKS.items():
        table = results.table(name)
        if table is not None:
            goals.extend(check(table))
    return goals


def _at_most(text: str, value: float | None, limit: float, unit: str = "") -> Iterator[GoalResult]:
    if value is not None:
        shown = f"{value:.2f}" if isinstance(value, float) else str(value)
        yield GoalResult(f"{text}, at most {limit:g}{unit}", f"{shown}{unit}", value <= limit)


def _paced(scenario: str, measurement: Measurement | None, max_rejections: int) -> Iterator[GoalResult]:
    yield from _at_most(f"{scenario}: times the ideal", of_ideal(measurement), 1.1)
    yield from _at_most(f"{scenario}: rejections", most(measurement, "rejections"), max_rejections)


def _limit(table: Table) -> Iterator[GoalResult]:
    return _paced(table.name, table.measurement(OURS), 0)


def _concurrent(table: Table) -> Iterator[GoalResult]:
    yield from _paced("concurrent", table.measurement(OURS), 1)
    yield from _paced("concurrent by Redis", table.measurement(BY_REDIS), 1)


def _latency(table: Table) -> Iterator[GoalResult]:
    return _at_most("latency: times the ideal at 8 in flight", of_ideal(table.measurement(OURS)), 1.3)


def _cost(table: Table) -> Iterator[GoalResult]:
    ours = table.measurement(OURS)
    if ours is None:
        return
    yield from _at_most("cost: CPU to HttpOperator's", ratio(table, ours, "HttpOperator", "cpu_seconds"), 0.25)
    yield from _at_most("cost: CPU to dlt's", ratio(table, ours, "dlt pipeline", "cpu_seconds"), 0.1)
    yield from _at_most("cost: peak memory beyond Airflow", typical(ours, "peak_mb"), LARGEST_PEAK_MB, " MB")


def _memory(table: Table) -> Iterator[GoalResult]:
    peaks = [peak for measurement in table.measurements if (peak := typical(measurement, "peak_mb")) is not None]
    if len(peaks) == len(table.measurements):
        yield from _at_most(
            "memory: growth from the fewest to the most records", peaks[-1] - peaks[0], MEMORY_NOISE_MB, " MB"
        )


def _imports(table: Table) -> Iterator[GoalResult]:
    seconds = typical(table.measurement(OURS), "seconds")
    return _at_most("import: beyond airflow.sdk", None if seconds is None else seconds * 1000, 15, " ms")


def _warehouse(table: Table) -> Iterator[GoalResult]:
    for database in DATABASES:
        for label in (first_label(database), again_label(database)):
            name = label.removeprefix(f"{OURS}, ")
            yield from _at_most(
                f"warehouse: {name}, times reading at the limit", of_ideal(table.measurement(label)), 0.1
            )


def _creates(table: Table) -> Iterator[GoalResult]:
    for store, limit in NOTE_MILLISECONDS.items():
        without, noted = (table.measurement(create_label(store, with_note=with_note)) for with_note in (False, True))
        plain, beyond = milliseconds_each(without), milliseconds_each(noted)
        if plain is not None and beyond is not None:
            yield from _at_most(f"creates: a note in {store}", beyond - plain, limit, " ms")
            requests = (typical(noted, "requests") or 0) - (typical(without, "requests") or 0)
            yield from _at_most(f"creates: requests of notes in {store}", requests, 0)


CHECKS: dict[str, Callable[[Table], Iterator[GoalResult]]] = {
    "limit": _limit,
    "jitter": _limit,
    "concurrent": _concurrent,
    "cost": _cost,
    "memory": _memory,
    "latency": _latency,
    "import": _imports,
    "faults": _limit,
    "warehouse": _warehouse,
    "creates": _creates,
}
