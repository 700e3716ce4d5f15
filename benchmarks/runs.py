"""Runs contestants: one process or several at once, by turns, each turn measured."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from benchmarks.jobs import Job, Result
from benchmarks.processes import start, started
from benchmarks.server import Conditions
from benchmarks.service import Service

PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A contestant's place in a scenario.

    :param label: its name in the table.
    :param job: what each of its processes does; base URL and key are filled in.
    :param processes: how many do it at once.
    :param machines: over how many places for the machine's budget they are spread.
    :param missing: why it cannot take part; None: it can.
    """

    label: str
    job: Job
    processes: int = 1
    machines: int = 1
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn of a contestant came to; the names are the columns' of the tables.

    :param seconds: from the start to the end of the last process.
    :param ideal_seconds: what the turn could have taken at best; None: there is no such number.
    :param cpu_seconds: of all its processes, beyond Airflow.
    :param peak_mb: of its largest process, beyond Airflow, in millions of bytes.
    :param requests: that the server got.
    :param rejections: answered with 429.
    :param failures: answered with 500.
    :param rows: that the user gets; None: thrown away.
    :param error: why it did not get to its end; None: it did.
    """

    seconds: float | None = None
    ideal_seconds: float | None = None
    cpu_seconds: float | None = None
    peak_mb: float | None = None
    requests: int = 0
    rejections: int = 0
    failures: int = 0
    rows: int | None = None
    error: str | None = None


@dataclass(slots=True)
class Standing:
    """The turns of one contestant."""

    label: str
    turns: list[Turn] = field(default_factory=list)
    missing: str | None = None


def missing_packages(contestant: str) -> str | None:
    """Return what a contestant lacks on this machine; None: nothing."""
    lacking = [name for name in import_module(f"benchmarks.contestants.{contestant}").NEEDS if not _found(name)]
    return f"{', '.join(lacking)} not installed" if lacking else None


def _found(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # a parent package is missing
        return False


@dataclass(slots=True)
class Arena:
    """Where contestants run.

    :param service: the server.
    :param folder: for what they write; emptied after each turn.
    :param turns: how many each may have at most.
    :param patience_seconds: a contestant whose turns have taken that long together gets no further one.
    """

    service: Service
    folder: Path
    turns: int
    patience_seconds: float
    _keys: int = 0

    def compete(self, entries: Sequence[Entry], conditions: Conditions, turns: int | None = None) -> list[Standing]:
        """Let contestants take turns, one after the other.

        :param entries: the contestants.
        :param conditions: what the server is like.
        :param turns: fewer of them; None: as many as the arena gives.
        """
        standings = [
            Standing(entry.label, missing=entry.missing or missing_packages(entry.job.contestant)) for entry in entries
        ]
        for _ in range(min(turns or self.turns, self.turns)):
            for entry, standing in zip(entries, standings, strict=True):
                if standing.missing is None and self._patient(standing):
                    show_progress(entry.label)
                    standing.turns.append(self.run(entry, conditions))
        return standings

    def _patient(self, standing: Standing) -> bool:
        failed = any(turn.error for turn in standing.turns)
        return not failed and sum(turn.seconds or 0.0 for turn in standing.turns) < self.patience_seconds

    def run(self, entry: Entry, conditions: Conditions) -> Turn:
        """Run one turn."""
        self._keys += 1
        folder = self.empty_folder()
        job = replace(entry.job, base_url=self.service.base_url, key=f"bench-{os.getpid()}-{self._keys}")
        if job.output is not None:
            job = replace(job, output=str(folder / job.output))
        self.service.set(conditions)
        with ExitStack() as stack:
            workers = [
                stack.enter_context(start(job, folder, machine=number % entry.machines))
                for number in range(entry.processes)
            ]
            ready = [worker.wait_until_ready() for worker in workers]
            results = [worker.finish() for worker in started(workers)] if all(ready) else []
            errors = [error for worker in workers if (error := worker.error())]
        counts = self.service.counts()
        asked = Turn(requests=counts.requests, rejections=counts.rejections, failures=counts.failures)
        whole = [result for result in results if result]
        if errors or len(whole) < entry.processes:
            return replace(asked, error=errors[0] if errors else "did not start in time", rows=0)
        return replace(
            asked,
            seconds=max(result.ended for result in whole) - min(result.started for result in whole),
            cpu_seconds=sum(result.cpu_seconds for result in whole),
            peak_mb=max(result.peak_bytes for result in whole) / 1e6,
            rows=_rows(whole) if job.output is None else lines_written(Path(job.output)),
        )

    def empty_folder(self) -> Path:
        """Return the folder, with nothing in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        return self.folder


def lines_written(path: Path) -> int | None:
    """Return the lines of a file, or of the files that a pipeline left in a folder; None: nothing was written.

    :param path: the file or folder.
    """
    files = [path] if path.is_file() else sorted(path.glob("written/*/time_logs/*.jsonl"))
    return sum(_lines(file) for file in files) if files else None


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(PIECE_BYTES), b""))


def _rows(results: Sequence[Result]) -> int | None:
    counted = [result.rows for result in results if result.rows is not None]
    return sum(counted) if counted else None


def show_progress(text: str) -> None:
    """Say on standard error what runs."""
    print(f"  {text} ...", file=sys.stderr, flush=True)
