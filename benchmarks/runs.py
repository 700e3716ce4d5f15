"""Measure candidates in turns. A turn runs one process, or several at once."""

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

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """Candidate of a scenario.

    :param label: name in the table.
    :param job: job of each process. The runner sets base URL and key.
    :param processes: number of processes at once.
    :param machines: number of simulated machines. Each has its own folder for the rate limit of a machine.
    :param missing: reason why the candidate is skipped; None: it is measured.
    """

    label: str
    job: Job
    processes: int = 1
    machines: int = 1
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """Numbers of one turn. The columns of the tables have the same names.

    :param seconds: from the start of the first process to the end of the last.
    :param ideal_seconds: the least time that is possible; None: unknown.
    :param cpu_seconds: CPU time of all processes, without Airflow.
    :param peak_mb: peak memory of the largest process, without Airflow, in millions of bytes.
    :param requests: requests that the server received.
    :param rejections: responses with status 429.
    :param failures: responses with status 500.
    :param rows: records for the user; None: the records were discarded.
    :param error: reason of the failure; None: the turn succeeded.
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
class Measurement:
    """Turns of one candidate.

    :param label: name in the table.
    :param turns: the turns.
    :param missing: reason why the candidate was skipped; None: it was measured.
    """

    label: str
    turns: list[Turn] = field(default_factory=list)
    missing: str | None = None


def missing_packages(candidate: str) -> str | None:
    """Return the packages that a candidate needs and this machine lacks; None: nothing is missing."""
    missing = [name for name in import_module(f"benchmarks.candidates.{candidate}").NEEDS if not _found(name)]
    return f"{', '.join(missing)} not installed" if missing else None


def _found(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # a parent package is missing
        return False


@dataclass(slots=True)
class Runner:
    """Runs candidates and measures them.

    :param service: the server.
    :param folder: folder for their files, emptied before each turn.
    :param turns: maximum number of turns per candidate.
    :param patience_seconds: a candidate whose turns took this long in total has no further turn.
    """

    service: Service
    folder: Path
    turns: int
    patience_seconds: float
    _keys: int = 0

    def measure(
        self, candidates: Sequence[Candidate], conditions: Conditions, turns: int | None = None
    ) -> list[Measurement]:
        """Measure candidates in turns, one after the other.

        :param candidates: the candidates.
        :param conditions: behaviour of the server.
        :param turns: a lower maximum number of turns; None: the runner's.
        """
        measurements = [
            Measurement(candidate.label, missing=candidate.missing or missing_packages(candidate.job.candidate))
            for candidate in candidates
        ]
        for _ in range(min(turns or self.turns, self.turns)):
            for candidate, measurement in zip(candidates, measurements, strict=True):
                if measurement.missing is None and self._needs_turn(measurement):
                    show_progress(candidate.label)
                    measurement.turns.append(self.run(candidate, conditions))
        return measurements

    def _needs_turn(self, measurement: Measurement) -> bool:
        failed = any(turn.error for turn in measurement.turns)
        return not failed and sum(turn.seconds or 0.0 for turn in measurement.turns) < self.patience_seconds

    def run(self, candidate: Candidate, conditions: Conditions) -> Turn:
        """Run one turn."""
        self._keys += 1
        folder = self.empty_folder()
        job = replace(candidate.job, base_url=self.service.base_url, key=f"bench-{os.getpid()}-{self._keys}")
        if job.output is not None:
            job = replace(job, output=str(folder / job.output))
        self.service.set(conditions)
        with ExitStack() as stack:
            workers = [
                stack.enter_context(start(job, folder, machine=number % candidate.machines))
                for number in range(candidate.processes)
            ]
            ready = [worker.wait_until_ready() for worker in workers]
            results = [worker.finish() for worker in started(workers)] if all(ready) else []
            errors = [error for worker in workers if (error := worker.error())]
        counts = self.service.counts()
        server_side = Turn(requests=counts.requests, rejections=counts.rejections, failures=counts.failures)
        succeeded = [result for result in results if result]
        if errors or len(succeeded) < candidate.processes:
            return replace(server_side, error=errors[0] if errors else "did not start in time", rows=0)
        return replace(
            server_side,
            seconds=max(result.ended for result in succeeded) - min(result.started for result in succeeded),
            cpu_seconds=sum(result.cpu_seconds for result in succeeded),
            peak_mb=max(result.peak_bytes for result in succeeded) / 1e6,
            rows=_rows(succeeded) if job.output is None else lines_written(Path(job.output)),
        )

    def empty_folder(self) -> Path:
        """Empty the folder and return it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        return self.folder


def lines_written(path: Path) -> int | None:
    """Return the number of lines in a file, or in the files of a pipeline in a folder; None: there are none.

    :param path: the file or folder.
    """
    files = [path] if path.is_file() else sorted(path.glob("written/*/time_logs/*.jsonl"))
    return sum(_lines(file) for file in files) if files else None


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(CHUNK_BYTES), b""))


def _rows(results: Sequence[Result]) -> int | None:
    counted = [result.rows for result in results if result.rows is not None]
    return sum(counted) if counted else None


def show_progress(text: str) -> None:
    """Print the running candidate to standard error."""
    print(f"  {text} ...", file=sys.stderr, flush=True)
