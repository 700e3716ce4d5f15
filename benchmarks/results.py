"""The raw numbers of a run: where, when, and every turn."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Self

from benchmarks.service import ROOT
from benchmarks.tables import Table

FOLDER = ROOT / ".bench" / "results"
PACKAGES = (
    "airflow-provider-seventime",
    "apache-airflow",
    "apache-airflow-providers-http",
    "dlt",
    "requests",
    "msgspec",
)


@dataclass(slots=True)
class Results:
    """What a run measured.

    :param made: when it began, in UTC.
    :param machine: what it ran on.
    :param options: how it was asked for.
    :param tables: the tables, in order.
    """

    made: str
    machine: dict[str, str]
    options: dict[str, Any]
    tables: list[Table] = field(default_factory=list)

    @classmethod
    def begin(cls, options: dict[str, Any]) -> Self:
        """Return results without tables yet."""
        return cls(datetime.now(UTC).isoformat(timespec="seconds"), describe_machine(), options)

    def table(self, name: str) -> Table | None:
        """Return a table by its name; None where it was not measured."""
        return next((table for table in self.tables if table.name == name), None)

    def write(self, folder: Path = FOLDER) -> Path:
        """Write the numbers into a file named by the time, and return it."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.made.partition('+')[0].replace(':', '')}Z.json"
        values = {
            "made": self.made,
            "machine": self.machine,
            "options": self.options,
            "tables": [table.as_json() for table in self.tables],
        }
        path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
        return path


def read(path: Path) -> Results:
    """Read the numbers of a run."""
    values = json.loads(path.read_text(encoding="utf-8"))
    return Results(**{**values, "tables": [Table.from_json(table) for table in values["tables"]]})


def read_newest(paths: Sequence[Path]) -> Results:
    """Read several runs as one: of a table that stands in more than one, the last counts.

    :param paths: files; empty: the newest one of the results' folder.
    """
    chosen = list(paths) or sorted(FOLDER.glob("*.json"))[-1:]
    if not chosen:
        raise SystemExit(f"There are no results in {FOLDER}: run make bench first.")
    runs = [read(path) for path in chosen]
    tables = {table.name: table for run in runs for table in run.tables}
    last = runs[-1]
    return Results(last.made, last.machine, last.options, list(tables.values()))


def describe_machine() -> dict[str, str]:
    """Return what the numbers depend on: processor, memory, system, versions."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    described = {
        "processor": f"{os.cpu_count()} cores, {_processor()}",
        "memory": f"{memory_bytes / 1e9:.0f} GB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
    }
    for package in PACKAGES:
        try:
            described[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return described


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
