"""Backfills years of time logs by the month on CeleryExecutor, and compares the table with that of one run.

usage: python -m tests.integration.celery [--time-logs N] [--page-size N] [--concurrency N] [--minutes N] ...

It takes what stands on this machine: PostgreSQL (two databases of its own, for Airflow and for the copy) and an empty
database of Redis (Celery's broker, and the budget that the workers share). Each of the two workers has a name, folders
and temporary files of its own, as on a machine of its own.

The exit code is 0 if everything holds that is listed. A machine that is busy with other things may hold a request up
until the next ones are close behind it, which shows as a second with too many.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

from airflow_provider_seventime.dates import SWEDEN, calendar_date, load_zone, parse_instant
from airflow_provider_seventime.sandbox.server import SandboxServer
from airflow_provider_seventime.testing import CONN_ENV, connection_json
from tests.integration.celery.cluster import Cluster
from tests.integration.celery.findings import (
    Finding,
    described,
    findings_of_run,
    findings_of_tables,
    findings_of_traffic,
    traffic_of,
)
from tests.integration.celery.tables import read_table
from tests.integration.real_airflow.airflow_api import AirflowApi
from tests.integration.real_airflow.services import airflow_connection, empty_redis, new_databases

TODAY = date(2026, 10, 1)
WORKERS = ("worker-1", "worker-2")
BY_WINDOWS, IN_ONE_RUN = "backfill_by_windows", "backfill_in_one_run"
COLLECTION = "timeLogs"


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.integration.celery", description="A backfill on CeleryExecutor with two workers."
    )
    parser.add_argument("--time-logs", type=int, default=10_000, metavar="N", help="of the account (default: 10000)")
    parser.add_argument("--page-size", type=int, default=100, metavar="N", help="records a request (default: 100)")
    parser.add_argument("--concurrency", type=int, default=3, metavar="N", help="tasks of a worker (default: 3)")
    parser.add_argument("--minutes", type=float, default=10.0, help="it fails after so many (default: 10)")
    parser.add_argument("--postgres", default="postgresql://postgres@127.0.0.1:5432/postgres", metavar="URL")
    parser.add_argument("--redis", default="redis://127.0.0.1:6379/5", metavar="URL", help="of an empty database")
    parser.add_argument(
        "--pacing", help="of the connection; 'machine' shows what two workers do without a common budget"
    )
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep there what all parts of Airflow write")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run both backfills and report; return 0 if everything holds."""
    given = read_arguments(arguments)
    with ExitStack() as stack:
        stack.enter_context(time_limit(given.minutes))
        folder = given.keep or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="seventime-celery-", ignore_cleanup_errors=True))
        )
        stack.enter_context(empty_redis(given.redis))
        metadata, warehouse = stack.enter_context(new_databases(given.postgres, "airflow", "warehouse"))
        sandbox = stack.enter_context(SandboxServer(today=TODAY, time_logs=given.time_logs))
        start, end = period_of(sandbox)
        say(f"{given.time_logs:,} time logs, {start} to {end}, {given.page_size} a page, 4 requests a second.")
        extra = {"pacing": given.pacing or given.redis, "page_size": given.page_size}
        variables = {
            CONN_ENV: connection_json(sandbox, extra),
            "AIRFLOW_CONN_WAREHOUSE": airflow_connection(warehouse),
            "SEVENTIME_BACKFILL_START": start.isoformat(),
            "SEVENTIME_BACKFILL_END": end.isoformat(),
        }
        airflow = version("apache-airflow")
        say(f"Airflow {airflow} starts, with {len(WORKERS)} Celery workers of {given.concurrency} tasks each.\n")
        cluster = Cluster(
            folder=folder,
            database=metadata.render_as_string(hide_password=False),
            broker=given.redis,
            workers=WORKERS,
            concurrency=given.concurrency,
            variables=variables,
        )
        findings = list(backfill(stack.enter_context(cluster).api(), sandbox, warehouse))
        errors = cluster.task_errors()
    say(f"The machine: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}.")
    say("\n".join([*errors, "", *map(str, findings)]))
    return 0 if all(finding.holds for finding in findings) else 1


def backfill(api: AirflowApi, sandbox: SandboxServer, warehouse: URL) -> Iterator[Finding]:
    """Fill a table by windows and another in one run; yield what was found, up to a run that failed."""
    for dag_id, machines in ((BY_WINDOWS, WORKERS), (IN_ONE_RUN, ())):
        api.await_dag(dag_id)
        sandbox.clear_journal()
        run = api.run(dag_id)
        traffic = traffic_of(sandbox.journal())
        say(described(dag_id, run, traffic))
        yield from findings_of_run(dag_id, run, machines)
        yield from findings_of_traffic(dag_id, run, traffic)
        if run.state != "success":
            return
    by_windows, in_one_run = (read_table(warehouse, dag_id) for dag_id in (BY_WINDOWS, IN_ONE_RUN))
    yield from findings_of_tables(by_windows, in_one_run, {record["_id"] for record in sandbox.records(COLLECTION)})


def period_of(sandbox: SandboxServer) -> tuple[date, date]:
    """Return the date of the first time log and the date after the sandbox's present one."""
    first = min(parse_instant(record["timestamp"]) for record in sandbox.records(COLLECTION))
    return calendar_date(first, load_zone(SWEDEN)), TODAY + timedelta(days=1)


@contextmanager
def time_limit(minutes: float) -> Iterator[None]:
    """Let what takes longer end with an error, and what is asked to end be interrupted, so that all is cleaned up."""

    def give_up(*_: Any) -> None:
        raise SystemExit(f"Given up after {minutes:g} minutes.")

    before = signal.signal(signal.SIGALRM, give_up), signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, minutes * 60)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before[0])
        signal.signal(signal.SIGTERM, before[1])


def say(text: str) -> None:
    """Print at once."""
    print(text, flush=True)  # noqa: T201 - it is a command


if __name__ == "__main__":
    raise SystemExit(main())
