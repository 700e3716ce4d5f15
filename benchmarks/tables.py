"""Tables: what they hold, and how they look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from benchmarks.runs import Standing, Turn

OURS = "this provider"
FLOOR = "floor"
ABSENT = "-"


@dataclass(slots=True)
class Table:
    """What a scenario came to.

    :param name: short name, for programs.
    :param title: what is measured, in words.
    :param columns: names of ``COLUMNS``.
    :param standings: the contestants with their turns.
    :param reference: the contestant that the others are set against.
    :param floor: the contestant below which nobody comes; None: there is none.
    """

    name: str
    title: str
    columns: Sequence[str]
    standings: list[Standing] = field(default_factory=list)
    reference: str = OURS
    floor: str | None = None

    def standing(self, label: str | None) -> Standing | None:
        """Return a contestant that got to its end; None where there is none."""
        found = [one for one in self.standings if one.label == label and one.turns and not error_of(one)]
        return found[0] if found else None

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Table:
        """Read a table."""
        standings = [
            Standing(one["label"], [Turn(**turn) for turn in one["turns"]], one["missing"])
            for one in values["standings"]
        ]
        return cls(**{**values, "columns": tuple(values["columns"]), "standings": standings})


def error_of(standing: Standing) -> str | None:
    """Return why a contestant failed; None: it did not."""
    return next((turn.error for turn in standing.turns if turn.error), None)


def typical(standing: Standing | None, name: str) -> float | None:
    """Return the median of a number over the turns; None where it was not measured."""
    values = [value for turn in (standing.turns if standing else ()) if (value := getattr(turn, name)) is not None]
    return float(median(values)) if values else None


def most(standing: Standing | None, name: str) -> int | None:
    """Return the highest of a number over the turns."""
    return max((getattr(turn, name) for turn in standing.turns), default=None) if standing else None


def of_ideal(standing: Standing | None) -> float | None:
    """Return the median of seconds to ideal seconds."""
    turns = standing.turns if standing else ()
    ratios = [turn.seconds / turn.ideal_seconds for turn in turns if turn.seconds and turn.ideal_seconds]
    return float(median(ratios)) if ratios else None


def ratio(table: Table, standing: Standing, other: str | None, name: str) -> float | None:
    """Return a contestant's number to another's."""
    own, others = typical(standing, name), typical(table.standing(other), name)
    return None if own is None or not others else own / others


def _number(value: float | None, form: str) -> str:
    return ABSENT if value is None else f"{value:{form}}"


def _rows(standing: Standing) -> str:
    rows = typical(standing, "rows")
    return "thrown away" if rows is None else f"{rows:,.0f}"


Show = Callable[[Table, Standing], str]
COLUMNS: dict[str, tuple[str, Show]] = {
    "turns": ("turns", lambda _, one: str(len(one.turns))),
    "seconds": ("seconds", lambda _, one: _number(typical(one, "seconds"), ".1f")),
    "milliseconds": ("ms", lambda _, one: _number((typical(one, "seconds") or 0.0) * 1000, ".0f")),
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
    """Return the header and one line per contestant that took part."""
    shown = [COLUMNS[name] for name in table.columns]
    lines = [
        [standing.label, *(show(table, standing) for _, show in shown)]
        for standing in table.standings
        if standing.turns
    ]
    return [["", *(header for header, _ in shown)], *lines]


def remarks(table: Table) -> list[str]:
    """Return a line for each contestant that failed or could not take part."""
    failed = [f"{one.label} failed: {error}" for one in table.standings if (error := error_of(one))]
    return failed + [f"{one.label} was skipped: {one.missing}" for one in table.standings if one.missing]


def as_text(table: Table) -> str:
    """Return a table for a terminal."""
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
    """Return a table for a page."""
    header, *lines = cells(table)
    rule = ["---", *["---:"] * (len(header) - 1)]
    shown = ["| " + " | ".join(line) + " |" for line in [header, rule, *lines]]
    return "\n".join([*shown, *(f"\n{remark}" for remark in remarks(table))])
