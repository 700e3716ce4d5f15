"""Compare the cost of a sync in two checkouts: CPU seconds and peak memory of the client's process, turn by turn.

usage: python -m benchmarks.sync_cost CHECKOUT [CHECKOUT ...] [--database postgresql] [--records 100000] [--turns 3]

Each turn is a fresh process of this interpreter that imports the package from one checkout, reads a list from the
server of :mod:`benchmarks.server` and writes it with ``sync_collection``. The server's and the database's CPU do not
count. ``--again`` syncs twice and counts the second run, which finds nothing changed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.server import Conditions
from benchmarks.service import Service

TABLE = "seventime_sync_cost"
URLS = {
    "sqlite": "sqlite:///{folder}/warehouse.db",
    "postgresql": "postgresql+psycopg2://postgres@127.0.0.1:5432/test",
    "mariadb": "mysql+mysqlconnector://root@127.0.0.1:3306/test",
}


def run_sync(base_url: str, database_url: str, *, again: bool, prepared: bool) -> dict[str, float]:
    """Sync the list once and return what it cost; runs in a process of its own.

    :param base_url: of the server.
    :param database_url: SQLAlchemy's URL.
    :param again: sync once before, so that nothing is new.
    :param prepared: count imports neither as CPU nor as memory.
    """
    from sqlalchemy import create_engine

    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.api.settings import Settings
    from benchmarks.worker import cpu_seconds, peak_bytes

    sync: Any
    try:
        sync = import_module("airflow_provider_seventime.transfers.sync.sync_collection")
    except ModuleNotFoundError:  # the layout before sub-folders
        sync = import_module("airflow_provider_seventime.transfers.sync")

    settings = Settings(base_url, "key", requests_per_second=1_000_000.0, pacing="process")
    engine = create_engine(database_url)
    job = sync.SyncJob(resource="timeLogs", table=TABLE, deletions="remove")
    if again:
        with SevenTimeClient(settings) as client:
            sync.sync_collection(client, engine, job)
    if prepared:
        from airflow_provider_seventime.warehouse import batches, copy, spool  # noqa: F401 - loaded when it is named
    cpu_before, memory_before = cpu_seconds(), peak_bytes()
    with SevenTimeClient(settings) as client:
        manifest = sync.sync_collection(client, engine, job)
    return {
        "cpu_seconds": cpu_seconds() - cpu_before,
        "peak_mb": (peak_bytes() - memory_before) / 1e6,
        "rows_read": manifest["rows_read"],
        "rows_written": manifest["rows_written"],
    }


def _drop_table(database_url: str) -> None:
    from sqlalchemy import create_engine

    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {TABLE}")
    engine.dispose()


def _turn(checkout: Path, base_url: str, database: str, *, again: bool) -> dict[str, float]:
    with TemporaryDirectory() as folder:
        database_url = URLS[database].format(folder=folder)
        _drop_table(database_url)
        done = subprocess.run(  # noqa: S603 - our own file with our own arguments
            # -P: the checkout comes first on the path, not the folder of this file.
            [sys.executable, "-P", __file__, "--child", base_url, database_url, *(["--again"] * again)],
            env={**os.environ, "PYTHONPATH": str(checkout)},
            cwd=folder,
            stdout=subprocess.PIPE,
            check=True,
        )
        _drop_table(database_url)
    cost: dict[str, float] = json.loads(done.stdout)
    return cost


def main() -> None:
    """Measure, and print a line for each turn and one for each checkout."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("checkouts", nargs="+")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--database", choices=URLS, default="sqlite")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        print(json.dumps(run_sync(*given.checkouts, again=given.again, prepared=True)))
        return
    found: dict[str, list[dict[str, float]]] = {checkout: [] for checkout in given.checkouts}
    with TemporaryDirectory() as folder, Service(Path(folder) / "server.log") as service:
        service.set(Conditions(given.records))
        for _ in range(given.turns):
            for checkout, costs in found.items():
                service.set(Conditions(given.records))
                costs.append(_turn(Path(checkout), service.base_url, given.database, again=given.again))
                print(checkout, costs[-1], flush=True)
    first = given.checkouts[0]
    for checkout, costs in found.items():
        cpu = statistics.median(cost["cpu_seconds"] for cost in costs)
        ratio = cpu / statistics.median(cost["cpu_seconds"] for cost in found[first])
        peak = statistics.median(cost["peak_mb"] for cost in costs)
        print(f"{checkout}: median {cpu:.2f} CPU s ({ratio:.2f} of {first}), {peak:.1f} MB beyond the interpreter's")


if __name__ == "__main__":
    main()
