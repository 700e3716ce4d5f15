"""Raw numbers of a run: date, machine, and every turn."""

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
    """Results of a run.

    :param started: start of the run in UTC, ISO 8601.
    :param machine: processor, memory, system and versions.
    :param options: options of the command line.
    :param tables: the tables, in order.
    """

    started: str
    machine: dict[str, str]
    options: dict[str, Any]
    tables: list[Table] = field(default_factory=list)

    @classmethod
    def begin(cls, options: dict[str, Any]) -> Self:
        """Return the results of a run that starts now."""
        return cls(datetime.now(UTC).isoformat(timespec="seconds"), describe_machine(), options)

    def table(self, name: str) -> Table | None:
        """Return a table; None: it was not measured."""
        return next((table for table in self.tables if table.name == name), None)

    def write(self, folder: Path = FOLDER) -> Path:
        """Write the numbers into a file named by the start of the run, and return its path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.started.partition('+')[0].replace(':', '')}Z.json"
        values = {
            "started": self.started,
            "machine": self.machine,
            "options": self.options,
            "tables": [table.as_json() for table in self.tables],
        }
        path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
        return path


def read(path: Path) -> Results:
    """Return the results in a file."""
    values = json.loads(path.read_text(encoding="utf-8"))
    return Results(**{**values, "tables": [Table.from_json(table) for table in values["tables"]]})


def read_newest(paths: Sequence[Path]) -> Results:
    """Return the results of several files as one run. If a table is in more than one, the last one counts.

    :param paths: files; empty: the newest file of the results' folder.
    """
    chosen = list(paths) or sorted(FOLDER.glob("*.json"))[-1:]
    if not chosen:
        raise SystemExit(f"There are no results in {FOLDER}. Run make bench first.")
    runs = [read(path) for path in chosen]
    tables = {table.name: table for run in runs for table in run.tables}
    last = runs[-1]
    return Results(last.started, last.machine, last.options, list(tables.values()))


def describe_machine() -> dict[str, str]:
    """Return processor, memory, system and versions of this machine."""
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
