"""Airflow asked over its public API: a DAG triggered, its end awaited, its task instances looked at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

import requests

TIMEOUT_SECONDS = 30.0
POLL_SECONDS = 0.5
PAGE = 100
OVER = ("success", "failed")
# Of the only person of Airflow 2.
USER = PASSWORD = "admin"


@dataclass(frozen=True, slots=True)
class TaskRun:
    """A task instance that has ended.

    :param map_index: which of the mapped ones; -1: not mapped.
    :param state: Airflow's state.
    :param machine: where it ran.
    :param pid: of its process.
    :param try_number: of its last try.
    :param start: of that.
    :param end: of that.
    :param manifest: what it returned; None: nothing.
    """

    map_index: int
    state: str
    machine: str
    pid: int | None
    try_number: int
    start: datetime
    end: datetime
    manifest: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class DagRun:
    """A run that has ended.

    :param state: ``success`` or ``failed``.
    :param seconds: from its start to its end.
    :param tasks: its task instances.
    """

    state: str
    seconds: float
    tasks: tuple[TaskRun, ...]


class AirflowApi:
    """A client of Airflow's public API.

    :param base_url: where the API server listens.
    :param check_alive: raises if waiting on is in vain.
    :param is_airflow_2: version 1 of the API, with a password.
    """

    def __init__(self, base_url: str, check_alive: Callable[[], None], *, is_airflow_2: bool = False) -> None:
        self._base_url = base_url
        self._api_url = f"{base_url}/api/{'v1' if is_airflow_2 else 'v2'}"
        self._is_airflow_2 = is_airflow_2
        self._check_alive = check_alive
        self._session = requests.Session()
        self._session.trust_env = False

    def await_dag(self, dag_id: str) -> None:
        """Wait until Airflow knows a DAG.

        :raises SystemExit: the DAG file cannot be imported.
        """
        while not self._answers():
            self._pause()
        while self._get(f"dags/{dag_id}").status_code != HTTPStatus.OK:
            if errors := self._get("importErrors").json().get("import_errors"):
                raise SystemExit(errors[0]["stack_trace"])
            self._pause()

    def run(self, dag_id: str) -> DagRun:
        """Trigger a DAG and wait until its run has ended."""
        run_id = self.trigger(dag_id)
        run = self.await_end(dag_id, run_id)
        tasks = tuple(self._task_runs(f"dags/{dag_id}/dagRuns/{run_id}"))
        return DagRun(run["state"], (_instant(run["end_date"]) - _instant(run["start_date"])).total_seconds(), tasks)

    def trigger(self, dag_id: str, conf: dict[str, Any] | None = None) -> str:
        """Trigger a DAG and return the id of its run.

        :param conf: configuration of the run.
        """
        body = {"conf": conf or {}} if self._is_airflow_2 else {"conf": conf or {}, "logical_date": None}
        return self._send("POST", f"dags/{dag_id}/dagRuns", body)["dag_run_id"]

    def await_end(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """Wait until a run has ended, and return it."""
        path = f"dags/{dag_id}/dagRuns/{run_id}"
        while (run := self._json(path))["state"] not in OVER:
            self._pause()
        return run

    def task(self, dag_id: str, run_id: str, task_id: str) -> dict[str, Any]:
        """Return a task instance."""
        return self._json(f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}")

    def mark_failed(self, dag_id: str, run_id: str, task_id: str) -> None:
        """Mark a task instance as failed, as the button of the web page does."""
        body = {"new_state": "failed"} | ({"dry_run": False} if self._is_airflow_2 else {})
        self._send("PATCH", f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}", body)

    def clear(self, dag_id: str, run_id: str, task_id: str) -> None:
        """Clear a task instance, as the button of the web page does."""
        body = {
            "dry_run": False,
            "dag_run_id": run_id,
            "task_ids": [task_id],
            "only_failed": False,
            "reset_dag_runs": True,
        }
        self._send("POST", f"dags/{dag_id}/clearTaskInstances", body)

    def _task_runs(self, path: str) -> Iterator[TaskRun]:
        offset = 0
        while True:
            page = self._json(f"{path}/taskInstances?limit={PAGE}&offset={offset}&order_by=map_index")
            for one in page["task_instances"]:
                yield self._task_run(path, one)
            offset += PAGE
            if offset >= page["total_entries"]:
                return

    def _task_run(self, path: str, one: dict[str, Any]) -> TaskRun:
        place = f"{path}/taskInstances/{one['task_id']}/xcomEntries/return_value?map_index={one['map_index']}"
        returned = self._get(f"{place}&deserialize=true")
        manifest = returned.json()["value"] if returned.status_code == HTTPStatus.OK else None
        return TaskRun(
            map_index=one["map_index"],
            state=one["state"],
            machine=one["hostname"],
            pid=one["pid"],
            try_number=one["try_number"],
            start=_instant(one["start_date"]),
            end=_instant(one["end_date"]),
            manifest=manifest,
        )

    def _answers(self) -> bool:
        """Return whether the API server is up. From then on each request carries what it lets in."""
        place = "health" if self._is_airflow_2 else "auth/token"
        try:
            answer = self._session.get(f"{self._base_url}/{place}", timeout=TIMEOUT_SECONDS)
        except requests.ConnectionError:
            return False
        answer.raise_for_status()
        if self._is_airflow_2:
            self._session.auth = (USER, PASSWORD)
            return True
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return True

    def _json(self, path: str) -> dict[str, Any]:
        answer = self._get(path)
        answer.raise_for_status()
        return answer.json()

    def _get(self, path: str) -> requests.Response:
        return self._session.get(f"{self._api_url}/{path}", timeout=TIMEOUT_SECONDS)

    def _send(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self._session.request(method, f"{self._api_url}/{path}", json=body, timeout=TIMEOUT_SECONDS)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text:.500}"
        return answer.json()

    def _pause(self) -> None:
        self._check_alive()
        time.sleep(POLL_SECONDS)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
