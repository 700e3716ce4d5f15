"""Runs of the example DAG with Airflow's command, which write all files to one folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.integration.keep_warehouse.warehouses import CONNECTION_ENV

AIRFLOW = Path(sys.executable).parent / "airflow"
DAG_ID = "seventime_keep_warehouse"


class Airflow:
    """Airflow with its own metadata database.

    :param folder: for all files.
    :param database: URL of an empty metadata database, which is copied.
    :param warehouse: the Airflow connection, in JSON.
    :param variables: Airflow variables.
    """

    def __init__(self, folder: Path, database: str, warehouse: str, variables: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.output: list[str] = []
        self.database = folder / "airflow.db"
        shutil.copy(database.removeprefix("sqlite:///"), self.database)
        self._settings = {
            CONNECTION_ENV: warehouse,
            "AIRFLOW_HOME": str(folder / "airflow"),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.database}",
            "TMPDIR": str(folder),
            **{f"AIRFLOW_VAR_{name.upper()}": value for name, value in (variables or {}).items()},
        }

    def run(self, due: datetime, params: Mapping[str, Any] | None = None) -> int:
        """Run the DAG for a logical date, and append its output to ``output``.

        :return: the command's exit code.
        """
        command = [str(AIRFLOW), "dags", "test", DAG_ID, due.isoformat(), "--conf", json.dumps(params or {})]
        environment = os.environ | self._settings
        completed = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
        self.output.append(completed.stdout + completed.stderr)
        (self.folder / f"run{len(self.output)}.output").write_text(self.output[-1])
        return completed.returncode
