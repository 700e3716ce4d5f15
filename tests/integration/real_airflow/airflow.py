"""Airflow in several processes: its API, a scheduler and, from Airflow 3 on, a DAG processor."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from airflow import __version__ as airflow_version

from tests.integration.real_airflow.airflow_api import PASSWORD, USER, AirflowApi
from tests.integration.real_airflow.parts import Parts

AIRFLOW = Path(sys.executable).parent / "airflow"
ROOT = Path(__file__).resolve().parents[3]
HANDED_ON = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TZ")
OF_A_MACHINE = ("TMPDIR", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_STATE_HOME")
IS_AIRFLOW_2 = airflow_version.startswith("2.")
# Person of the web page of Airflow 2. Airflow 3 lets everyone in.
PERSON = ("--username", USER, "--password", PASSWORD, "--role", "Admin", "--email", "a@example.com")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _made_up_secrets() -> dict[str, str]:
    """Return the secrets that all parts share. Each part would make up its own."""
    return {
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(64),
        "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(32),
        "AIRFLOW__WEBSERVER__SECRET_KEY": secrets.token_urlsafe(32),
        "AIRFLOW__CORE__FERNET_KEY": "",
    }


@dataclass(slots=True, kw_only=True)
class Airflow:
    """Airflow, running while the context lasts.

    :param folder: for what its parts write; each has a folder in it, as if on a machine of its own.
    :param database: URL of Airflow's own database.
    :param dags: folder of the DAG files.
    :param executor: Airflow's executor.
    :param variables: environment of every part, beside Airflow's settings.
    :param is_migrated: the database has Airflow's tables already.
    """

    folder: Path
    database: str
    dags: Path
    executor: str
    variables: Mapping[str, str]
    is_migrated: bool = False
    parts: Parts = field(init=False)
    # Near the root: a socket in it, as LocalExecutor of Airflow 2.11 makes, has a path of at most 107 characters.
    _temporary: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="st-", dir="/tmp")))
    _port: int = field(default_factory=_free_port)
    _secrets: Mapping[str, str] = field(default_factory=_made_up_secrets)

    def __post_init__(self) -> None:
        self.parts = Parts(self.folder)

    def __enter__(self) -> Self:
        try:
            if not self.is_migrated:
                self.finish("migration", "db", "migrate")
            self.start_parts()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        self.parts.end()
        shutil.rmtree(self._temporary, ignore_errors=True)

    def start_parts(self) -> None:
        """Start every part, without waiting until it is ready."""
        if IS_AIRFLOW_2:
            self.finish("person", "users", "create", "--firstname", "A", "--lastname", "B", *PERSON)
            self.start("web", "webserver", "--hostname", "127.0.0.1", "--port", str(self._port), "--workers", "1")
        else:
            self.start("web", "api-server", "--host", "127.0.0.1", "--port", str(self._port), "--workers", "1")
            self.start("dag-processor", "dag-processor")
        self.start("scheduler", "scheduler")

    def start(self, part: str, *arguments: str) -> None:
        """Start a part: an ``airflow`` command."""
        self.parts.start(part, [str(AIRFLOW), *arguments], self.environment(part))

    def finish(self, part: str, *arguments: str) -> None:
        """Run an ``airflow`` command to its end.

        :raises SystemExit: it failed; the end of its log is shown.
        """
        self.start(part, *arguments)
        self.parts.finish(part)

    def api(self) -> AirflowApi:
        """Return a client of Airflow's API, whose server may still be starting."""
        return AirflowApi(f"http://127.0.0.1:{self._port}", self.parts.check, is_airflow_2=IS_AIRFLOW_2)

    def environment(self, part: str) -> dict[str, str]:
        """Return the environment of a part."""
        home = self.folder / part
        temporary = self._temporary / part
        temporary.mkdir(parents=True, exist_ok=True)
        return {
            **{name: os.environ[name] for name in HANDED_ON if name in os.environ},
            "PATH": os.pathsep.join([str(AIRFLOW.parent), os.environ.get("PATH", os.defpath)]),
            "PYTHONPATH": str(ROOT),  # for modules of the tests
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__API__AUTH_BACKENDS": "airflow.api.auth.backend.basic_auth",
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags),
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{self._port}/execution/",
            "AIRFLOW__CORE__EXECUTOR": self.executor,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": self.database,
            **self._secrets,
            **dict.fromkeys(OF_A_MACHINE, str(temporary)),
            **self.variables,
        }
