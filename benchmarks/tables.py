"""Tables of results, as text and as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from benchmarks.runs import Measurement, Turn

OURS = "this provider"
FLOOR = "floor"
ABSENT = "-"


@dataclass(slots=True)
class Table:
    """Results of a scenario.

    :param name: short name.
    :param title: description of the measurement.
    :param columns: names of ``COLUMNS``.
    :param measurements: the candidates with their turns.
    :param reference: label of the candidate that the others are compared with.
    :param floor: label of the candidate that only downloads the bytes, as a lower bound; None: there is none.
    """

    name: str
    title: str
    columns: Sequence[str]
    measurements: list[Measurement] = field(default_factory=list)
    reference: str = OURS
    floor: str | None = None

    def measurement(self, label: str | None) -> Measurement | None:
        """Return the measurement of a candidate; None: it failed or was not measured."""
        found = [one for one in self.measurements if one.label == label and one.turns and not error_of(one)]
        return found[0] if found else None

    def as_json(self) -> dict[str, Any]:
        """Return the table as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Table:
        """Return the table of JSON values."""
        measurements = [
            Measurement(one["label"], [Turn(**turn) for turn in one["turns"]], one["missing"])
            for one in values["measurements"]
        ]
        return cls(**{**values, "columns": tuple(values["columns"]), "measurements": measurements})


def error_of(measurement: Measurement) -> str | None:
    """Return the reason why a candidate failed; None: it succeeded."""
    return next((turn.error for turn in measurement.turns if turn.error), None)


def typical(measurement: Measurement | None, name: str) -> float | None:
    """Return the median of a number over the turns; None: it was not measured."""
    values = [
        value for turn in (measurement.turns if measurement else ()) if (value := getattr(turn, name)) is not None
    ]
    return float(median(values)) if values else None


def most(measurement: Measurement | None, name: str) -> int | None:
    """Return the maximum of a number over the turns; None: there are no turns."""
    return max((getattr(turn, name) for turn in measurement.turns), default=None) if measurement else None


def of_ideal(measurement: Measurement | None) -> float | None:
    """Return the median ratio of seconds to ideal seconds; None: there is no ideal."""
    turns = measurement.turns if measurement else ()
    ratios = [turn.seconds / turn.ideal_seconds for turn in turns if turn.seconds and turn.ideal_seconds]
    return float(median(ratios)) if ratios else None


def milliseconds_each(measurement: Measurement | None) -> float | None:
    """Return the median time of one record in milliseconds; None: it was not measured."""
    turns = measurement.turns if measurement else ()
    times = [turn.seconds / turn.rows * 1000 for turn in turns if turn.seconds and turn.rows]
    return float(median(times)) if times else None


def ratio(table: Table, measurement: Measurement, other: str | None, name: str) -> float | None:
    """Return the ratio of a number of two candidates; None: one of them has no number."""
    own, others = typical(measurement, name), typical(table.measurement(other), name)
    return None if own is None or not others else own / others


def _number(value: float | None, form: str) -> str:
    return ABSENT if value is None else f"{value:{form}}"


def _rows(measurement: Measurement) -> str:
    rows = typical(measurement, "rows")
    return "discarded" if rows is None else f"{rows:,.0f}"


Show = Callable[[Table, Measurement], str]
COLUMNS: dict[str, tuple[str, Show]] = {
    "turns": ("turns", lambda _, one: str(len(one.turns))),
    "seconds": ("seconds", lambda _, one: _number(typical(one, "seconds"), ".1f")),
    "milliseconds": ("ms", lambda _, one: _number((typical(one, "seconds") or 0.0) * 1000, ".0f")),
    "each_ms": ("ms each", lambda _, one: _number(milliseconds_each(one), ".2f")),
    "ideal_seconds": ("ideal", lambda _, one: _number(typical(one, "ideal_seconds"), ".1f")),
    "of_ideal": ("x ideal", lambda _, one: _number(of_ideal(one), ".2f")),
    "of_reading": ("x reading", lambda _, one: _number(of_ideal(one), ".3f")),
    "of_ours": ("x ours", lambda table, one: _number(ratio(table, one, table.reference, "seconds"), ".2f")),
    "cpu_seconds": ("CPU s", lambda _, one: _number(typical(one, "cpu_seconds"), ".2f")),
    "cpu_of_ours": ("CPU x ours", lambda table, one: _number(ratio(table, one, table.reference, "cpu_seconds"), ".1f")),
    "cpu_of_floor": ("CPU x floor", lambda table, one: _number(ratio(table, one, table.floor, "cpu_seconds"), ".1f")),
    "peak_mb": ("peak MB", lambda _, one: _number(typical(one, "peak_mb"), ".0f")),
    "requests": ("requests", lambda _, one: _number(typical(one, "requests"), ".0f")),
    "rejections": ("rejections", lambda _, one: _number(most(one, "rejections"), "d")),
    "failures": ("failures", lambda _, one: _number(most(one, "failures"), "d")),
    "rows": ("rows", lambda _, one: _rows(one)),
}


def cells(table: Table) -> list[list[str]]:
    """Return the header and one line per measured candidate."""
    shown = [COLUMNS[name] for name in table.columns]
    lines = [
        [measurement.label, *(show(table, measurement) for _, show in shown)]
        for measurement in table.measurements
        if measurement.turns
    ]
    return [["", *(header for header, _ in shown)], *lines]


def remarks(table: Table) -> list[str]:
    """Return a line for each candidate that failed or was skipped."""
    failed = [f"{one.label} failed: {error}" for one in table.measurements if (error := error_of(one))]
    return failed + [f"{one.label} was skipped: {one.missing}" for one in table.measurements if one.missing]


def as_text(table: Table) -> str:
    """Return a table as text."""
    lines = cells(table)
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    shown = [
        "  ".join(
            [label.ljust(widths[0]), *(value.rjust(width) for value, width in zip(values, widths[1:], strict=True))]
        )
        for label, *values in lines
    ]
    return "\n".join([table.title, "", *shown, *remarks(table), ""])


def as_markdown(table: Table) -> str:
    """Return a table as Markdown."""
    header, *lines = cells(table)
    rule = ["---", *["---:"] * (len(header) - 1)]
    shown = ["| " + " | ".join(line) + " |" for line in [header, rule, *lines]]
    return "\n".join([*shown, *(f"\n{remark}" for remark in remarks(table))])
