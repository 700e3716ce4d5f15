"""Write the numbers of a run into docs/performance.md, and draw its figure.

usage: python -m benchmarks.report [RESULTS.json...]

Without files: the newest run. Several files count as one run; if a table is in more than one, the last one counts.
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
    """Return the sentence about date, machine and versions of a run."""
    machine = results.machine
    versions = ", ".join(f"{name} {machine[name]}" for name in machine if name not in ("processor", "memory", "system"))
    options = results.options
    scale = "" if options["scale"] == 1 else f" **Only {options['scale']:g} of the records below.**"
    return (
        f"Measured on {results.started[:10]}: {machine['processor']}; {machine['memory']}; {machine['system']}; "
        f"{versions}. Medians of up to {options['turns']} turns; no further turn after "
        f"{options['patience_seconds']:g} s in total.{scale}"
    )


def goals(results: Results) -> str:
    """Return the table of goals and measured numbers."""
    lines = (f"| {goal.text} | {goal.measured} | {goal.outcome} |" for goal in evaluate(results))
    return "\n".join(["| goal | measured | outcome |", "|---|---:|---|", *lines])


def blocks(results: Results) -> Iterator[tuple[str, str]]:
    """Yield name and text of each generated block."""
    yield "about", about(results)
    yield "goals", goals(results)
    for table in results.tables:
        yield table.name, f"{table.title}.\n\n{as_markdown(table)}"


def rewrite(page: str, results: Results) -> str:
    """Return a page with its generated blocks replaced.

    :param page: text of the page.
    :param results: the numbers.
    :raises SystemExit: a block's table was not measured; a page never mixes the numbers of two runs.
    """
    texts = dict(blocks(results))
    names = [block.group(2) for block in BLOCK.finditer(page)]
    if missing := [name for name in names if name not in texts]:
        raise SystemExit(f"Not measured: {', '.join(missing)}. Run all scenarios, or name the files of several runs.")
    return BLOCK.sub(lambda block: f"{block.group(1)}{texts[block.group(2)]}\n{block.group(3)}", page)


def main(paths: Sequence[str]) -> None:
    """Write the page and the figure."""
    results = read_newest([Path(path) for path in paths])
    PAGE.write_text(rewrite(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")
    draw(results, FIGURE)
    print(f"Written: {PAGE.relative_to(ROOT)}, {FIGURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1:])
