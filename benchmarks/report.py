"""Writes the numbers of a run into docs/performance.md, and the figure beside it.

usage: python -m benchmarks.report [RESULTS.json...]

Without files: the newest run. Several files count as one run; of a table that stands in more than one, the last counts.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.figure import draw
from benchmarks.goals import evaluate
from benchmarks.results import Results, read_newest
from benchmarks.service import ROOT
from benchmarks.tables import as_markdown

PAGE = ROOT / "docs" / "performance.md"
FIGURE = ROOT / "docs" / "images" / "performance.svg"
BLOCK = re.compile(r"(<!-- bench: (\w+): begin -->\n).*?(<!-- bench: \2: end -->)", re.DOTALL)


def about(results: Results) -> str:
    """Return when and on what the numbers were measured."""
    machine = results.machine
    versions = ", ".join(f"{name} {machine[name]}" for name in machine if name not in ("processor", "memory", "system"))
    options = results.options
    scale = "" if options["scale"] == 1 else f" **Only {options['scale']:g} of the records below.**"
    return (
        f"Measured on {results.made[:10]}: {machine['processor']}; {machine['memory']}; {machine['system']}; "
        f"{versions}. Medians of up to {options['turns']} turns; a contestant whose turns had taken "
        f"{options['patience_seconds']:g} s together got no further one.{scale}"
    )


def goals(results: Results) -> str:
    """Return a table of what was set out and what was measured."""
    lines = (f"| {verdict.text} | {verdict.measured} | {verdict.sign} |" for verdict in evaluate(results))
    return "\n".join(["| goal | measured | verdict |", "|---|---:|---|", *lines])


def blocks(results: Results) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each generated block."""
    yield "about", about(results)
    yield "goals", goals(results)
    for table in results.tables:
        yield table.name, f"{table.title}.\n\n{as_markdown(table)}"


def rewrite(page: str, results: Results) -> str:
    """Return a page with its generated blocks made anew.

    :param page: its text.
    :param results: the numbers.
    :raises SystemExit: a block's numbers were not measured; nothing older is left beside newer ones.
    """
    made = dict(blocks(results))
    wanted = [found.group(2) for found in BLOCK.finditer(page)]
    if missing := [name for name in wanted if name not in made]:
        raise SystemExit(f"Not measured: {', '.join(missing)}. Run all scenarios, or name the files of several runs.")
    return BLOCK.sub(lambda found: f"{found.group(1)}{made[found.group(2)]}\n{found.group(3)}", page)


def main(paths: Sequence[str]) -> None:
    """Write page and figure."""
    results = read_newest([Path(path) for path in paths])
    PAGE.write_text(rewrite(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")
    draw(results, FIGURE)
    print(f"Written: {PAGE.relative_to(ROOT)}, {FIGURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1:])
