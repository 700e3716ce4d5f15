"""Imports: time to import operators, without that of Airflow's base classes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import airflow_provider_seventime
from benchmarks.jobs import Job
from benchmarks.processes import environment
from benchmarks.runs import Measurement, Runner, Turn, missing_packages, show_progress
from benchmarks.service import ROOT
from benchmarks.tables import OURS, Table

TURNS = 5  # an import is short, and its time varies
TIMEOUT_SECONDS = 60.0
PACKAGE = "airflow_provider_seventime"
PROGRAM = """
import sys, time
import airflow.sdk
from airflow.sdk import BaseOperator, BaseSensorOperator, BaseHook
from airflow.providers.common.compat.sdk import BaseHook, BaseOperator, BaseSensorOperator, conf
from importlib import import_module
started = time.perf_counter()
for name in sys.argv[1:]:
    import_module(name)
print("SECONDS", time.perf_counter() - started)
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """Modules to import."""

    label: str
    modules: tuple[str, ...]
    missing: str | None = None


def modules_of(*parts: str) -> tuple[str, ...]:
    """Return the modules that a DAG imports from folders of the package."""
    root = Path(airflow_provider_seventime.__file__).parent
    patterns = {"transfers": "*_to_*.py"}
    files = [file for part in parts for file in sorted((root / part).glob(patterns.get(part, "*.py")))]
    return tuple(f"{PACKAGE}.{file.parent.name}.{file.stem}" for file in files if file.stem != "__init__")


def subjects() -> list[Subject]:
    """Return the compared modules."""
    return [
        Subject("HttpOperator", ("airflow.providers.http.operators.http",), missing_packages("http_operator")),
        Subject("dlt with rest_api", ("dlt", "dlt.sources.rest_api"), missing_packages("dlt_source")),
        Subject(f"{OURS}: operators", modules_of("operators")),
        Subject(f"{OURS}: sensors", modules_of("sensors")),
        Subject(f"{OURS}: transfers", modules_of("transfers")),
        Subject(OURS, modules_of("operators", "sensors", "transfers")),
    ]


def run(runner: Runner, scale: float) -> list[Table]:  # noqa: ARG001 - an import has no size
    """Run the scenario, each import in a new interpreter."""
    compared = subjects()
    table = Table(
        "import",
        "Imports: milliseconds beyond airflow.sdk and its base classes, in fresh interpreters",
        ("turns", "milliseconds", "of_ours"),
        [Measurement(subject.label, missing=subject.missing) for subject in compared],
    )
    variables = environment(Job("floor", "http://127.0.0.1:1", "", 0), runner.empty_folder())
    show_progress("imports")
    for _ in range(TURNS):
        for subject, measurement in zip(compared, table.measurements, strict=True):
            if measurement.missing is None:
                measurement.turns.append(Turn(seconds=_import_seconds(subject.modules, dict(variables))))
    return [table]


def _import_seconds(modules: tuple[str, ...], variables: dict[str, str]) -> float:
    ended = subprocess.run(  # noqa: S603 - our own program with our own arguments
        [sys.executable, "-W", "ignore", "-c", PROGRAM, *modules],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=True,
    )
    (line,) = (line for line in ended.stdout.splitlines() if line.startswith("SECONDS "))
    return float(line.removeprefix("SECONDS "))
