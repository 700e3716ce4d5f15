"""Runs of the example DAG with Airflow's command, which write all files to one folder."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.integration.airflow_process import AirflowProcess, airflow_process
from tests.integration.keep_warehouse.warehouses import CONNECTION_ENV

DAG_ID = "seventime_keep_warehouse"


class Airflow:
    """Airflow with its own metadata database.

    :param folder: for all files.
    :param process: that runs its commands.
    """

    def __init__(self, folder: Path, process: AirflowProcess) -> None:
        self.folder = folder
        self.output: list[str] = []
        self.database = folder / "airflow.db"
        self._process = process

    def run(self, due: datetime, params: Mapping[str, Any] | None = None) -> int:
        """Run the DAG for a logical date, and append its output to ``output``.

        :return: the command's exit code.
        """
        file = self.folder / f"run{len(self.output) + 1}.output"
        code = self._process.run(file, "dags", "test", DAG_ID, due.isoformat(), "--conf", json.dumps(params or {}))
        self.output.append(file.read_text())
        return code


@contextmanager
def running_airflow(
    folder: Path, database: str, warehouse: str, variables: Mapping[str, str] | None = None
) -> Iterator[Airflow]:
    """Yield an Airflow with its own metadata database.

    :param folder: for all files.
    :param database: URL of an empty metadata database, which is copied.
    :param warehouse: the Airflow connection, in JSON.
    :param variables: Airflow variables.
    """
    shutil.copy(database.removeprefix("sqlite:///"), folder / "airflow.db")
    settings = {
        CONNECTION_ENV: warehouse,
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / 'airflow.db'}",
        "TMPDIR": str(folder),
        **{f"AIRFLOW_VAR_{name.upper()}": value for name, value in (variables or {}).items()},
    }
    with airflow_process(os.environ | settings) as process:
        yield Airflow(folder, process)
