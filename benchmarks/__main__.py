"""Run the benchmarks, print their tables, and save the raw numbers.

usage: python -m benchmarks [SCENARIO...] [--turns N] [--scale SHARE]
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.goals import evaluate
from benchmarks.results import FOLDER, Results
from benchmarks.runs import Runner
from benchmarks.scenarios import concurrent, cost, creates, faults, imports, latency, limit, warehouse
from benchmarks.service import ROOT, Service
from benchmarks.tables import as_text

SCENARIOS = {
    "limit": limit.run,
    "concurrent": concurrent.run,
    "cost": cost.run,
    "latency": latency.run,
    "import": imports.run,
    "faults": faults.run,
    "warehouse": warehouse.run,
    "creates": creates.run,
}


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line.

    :param arguments: arguments; None: those of the process.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Benchmarks of the provider.")
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=f"one of {', '.join(SCENARIOS)}; default: all")
    parser.add_argument("--turns", type=int, default=3, help="maximum number of turns per candidate (default: 3)")
    parser.add_argument(
        "--patience",
        type=float,
        default=10.0,
        metavar="SECONDS",
        help="run no further turn of a candidate whose turns took this long in total (default: 10)",
    )
    parser.add_argument("--scale", type=float, default=1.0, help="share of the records (default: 1)")
    parser.add_argument("--results", type=Path, default=FOLDER, metavar="FOLDER", help="folder for the raw numbers")
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.scenarios if name not in SCENARIOS]:
        parser.error(f"{', '.join(unknown)}: no such scenario; the scenarios are {', '.join(SCENARIOS)}")
    if given.turns < 1 or not 0 < given.scale <= 1:
        parser.error("--turns is at least 1, --scale above 0 and at most 1")
    return given


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the chosen scenarios.

    :param arguments: arguments; None: those of the process.
    """
    given = read_arguments(arguments)
    results = Results.begin({"turns": given.turns, "patience_seconds": given.patience, "scale": given.scale})
    with tempfile.TemporaryDirectory(prefix="seventime-bench-", ignore_cleanup_errors=True) as home:
        folder = Path(home)
        with Service(folder / "server.log") as service:
            runner = Runner(service, folder / "run", given.turns, given.patience)
            for name in given.scenarios or SCENARIOS:
                for table in SCENARIOS[name](runner, given.scale):
                    results.tables.append(table)
                    print(as_text(table), flush=True)
    path = results.write(given.results)
    print("\n".join(f"{goal.outcome}  {goal.text}: {goal.measured}" for goal in evaluate(results)))
    print(f"\nThe raw numbers: {os.path.relpath(path, ROOT)}")


if __name__ == "__main__":
    main()
