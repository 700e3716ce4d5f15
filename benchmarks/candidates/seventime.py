"""This provider: the client of the hook, as in a task."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks.jobs import CONNECTION, Job

NEEDS: tuple[str, ...] = ()


def prepare(job: Job) -> Callable[[], int]:
    """Return the function that runs the job."""
    from airflow_provider_seventime.hooks.seventime import SevenTimeHook

    client = SevenTimeHook(CONNECTION).get_conn()

    def count() -> int:
        with client:
            return sum(1 for _ in client.list("timeLogs"))

    def write(path: Path) -> int:
        rows = 0
        with client, path.open("wb") as file:
            for rows, line in enumerate(client.list_json("timeLogs"), 1):  # noqa: B007 - the last number is the count
                file.write(line + b"\n")
        return rows

    return count if job.output is None else lambda: write(Path(str(job.output)))
