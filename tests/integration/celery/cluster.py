"""Airflow on CeleryExecutor, with workers that have a name and folders of their own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from celery import Celery

from tests.integration.celery import machine
from tests.integration.real_airflow.airflow import Airflow

DAGS = Path(__file__).parent / "dags"
POLL_SECONDS = 0.5


@dataclass(slots=True, kw_only=True)
class Cluster(Airflow):
    """Airflow with Celery workers, running while the context lasts.

    :param broker: URL of Celery's database of Redis.
    :param workers: names of the workers.
    :param concurrency: tasks at once of each worker.
    """

    broker: str
    workers: Sequence[str]
    concurrency: int
    dags: Path = DAGS
    executor: str = "CeleryExecutor"

    def start_parts(self) -> None:
        """Start every part and wait until the workers respond."""
        Airflow.start_parts(self)  # a dataclass with slots is another class than the one that super() names
        for name in self.workers:
            self._start_worker(name)
        self._await_workers()

    def task_errors(self) -> list[str]:
        """Return a line for each kind of error that ended a task."""
        lines = (
            json.loads(line)
            for log in sorted(self.folder.glob("*/logs/dag_id=*/**/attempt=*.log"))
            for line in log.read_text(encoding="utf-8").splitlines()
        )
        causes = (cause for line in lines for cause in line.get("error_detail", ()))
        return sorted({f"{cause['exc_type']}: {cause['exc_value']}" for cause in causes})

    def environment(self, part: str) -> dict[str, str]:
        """Return the environment of a part, with Celery's settings."""
        return {
            **Airflow.environment(self, part),
            machine.MACHINE: part,
            "AIRFLOW__CORE__HOSTNAME_CALLABLE": f"{machine.__name__}.{machine.name.__name__}",
            "AIRFLOW__CELERY__BROKER_URL": self.broker,
            "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{self.database}",
        }

    def _start_worker(self, name: str) -> None:
        # Gossip and mingling are talk among workers, of no use to two.
        options = ("--skip-serve-logs", "--without-gossip", "--without-mingle")
        self.start(
            name, "celery", "worker", "--celery-hostname", name, "--concurrency", str(self.concurrency), *options
        )

    def _await_workers(self) -> None:
        with Celery(broker=self.broker) as app:
            while len(app.control.ping(timeout=POLL_SECONDS)) < len(self.workers):
                self.parts.check()
