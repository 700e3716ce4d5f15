"""Airflow in several processes: an API server, a scheduler, a DAG processor, and Celery workers."""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from celery import Celery
from sqlalchemy.engine import URL

from tests.integration.celery import machine
from tests.integration.celery.airflow_api import AirflowApi
from tests.integration.celery.parts import Parts

AIRFLOW = Path(sys.executable).parent / "airflow"
ROOT = Path(__file__).resolve().parents[3]
DAGS = Path(__file__).parent / "dags"
HANDED_ON = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TZ")
OF_A_MACHINE = ("TMPDIR", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_STATE_HOME")
POLL_SECONDS = 0.5


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _made_up_secrets() -> dict[str, str]:
    """Return what all parts must know alike, and each would make up for itself."""
    return {
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(64),
        "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(32),
        "AIRFLOW__CORE__FERNET_KEY": "",
    }


@dataclass(slots=True)
class Cluster:
    """Airflow, running while the context lasts.

    :param folder: for what its parts write; each has a folder in it, as if on a machine of its own.
    :param metadata: Airflow's own database.
    :param broker: URL of Celery's database of Redis.
    :param workers: names of the workers.
    :param concurrency: tasks at once of each worker.
    :param variables: environment of every part, beside Airflow's settings.
    """

    folder: Path
    metadata: URL
    broker: str
    workers: Sequence[str]
    concurrency: int
    variables: Mapping[str, str]
    _port: int = field(default_factory=_free_port)
    _secrets: Mapping[str, str] = field(default_factory=_made_up_secrets)
    _parts: Parts = field(init=False)

    def __post_init__(self) -> None:
        self._parts = Parts(self.folder)

    def __enter__(self) -> Self:
        try:
            self._start("migration", "db", "migrate")
            self._parts.finish("migration")
            self._start("api-server", "api-server", "--host", "127.0.0.1", "--port", str(self._port), "--workers", "1")
            self._start("scheduler", "scheduler")
            self._start("dag-processor", "dag-processor")
            for name in self.workers:
                self._start_worker(name)
            self._await_workers()
        except BaseException:
            self._parts.end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._parts.end()

    def api(self) -> AirflowApi:
        """Return a client of the API server, which may still be starting."""
        return AirflowApi(f"http://127.0.0.1:{self._port}", self._parts.check)

    def task_errors(self) -> list[str]:
        """Return a line for each kind of error that ended a task."""
        lines = (
            json.loads(line)
            for log in sorted(self.folder.glob("*/logs/dag_id=*/**/attempt=*.log"))
            for line in log.read_text(encoding="utf-8").splitlines()
        )
        causes = (cause for line in lines for cause in line.get("error_detail", ()))
        return sorted({f"{cause['exc_type']}: {cause['exc_value']}" for cause in causes})

    def _start_worker(self, name: str) -> None:
        # Gossip and mingling are talk among workers, of no use to two.
        options = ("--skip-serve-logs", "--without-gossip", "--without-mingle")
        self._start(
            name, "celery", "worker", "--celery-hostname", name, "--concurrency", str(self.concurrency), *options
        )

    def _await_workers(self) -> None:
        with Celery(broker=self.broker) as app:
            while len(app.control.ping(timeout=POLL_SECONDS)) < len(self.workers):
                self._parts.check()

    def _start(self, part: str, *arguments: str) -> None:
        self._parts.start(part, [str(AIRFLOW), *arguments], self._environment(part))

    def _environment(self, part: str) -> dict[str, str]:
        home = self.folder / part
        temporary = home / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        metadata = self.metadata.render_as_string(hide_password=False)
        return {
            **{name: os.environ[name] for name in HANDED_ON if name in os.environ},
            "PATH": os.pathsep.join([str(AIRFLOW.parent), os.environ.get("PATH", os.defpath)]),
            "PYTHONPATH": str(ROOT),  # for the name of the machine
            machine.MACHINE: part,
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{self._port}/execution/",
            "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
            "AIRFLOW__CORE__HOSTNAME_CALLABLE": f"{machine.__name__}.{machine.name.__name__}",
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__CELERY__BROKER_URL": self.broker,
            "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{metadata}",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata,
            **self._secrets,
            **dict.fromkeys(OF_A_MACHINE, str(temporary)),
            **self.variables,
        }
