"""Airflow with a connection to the sandbox, for ``make demo`` and ``make ui``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from airflow_provider_seventime.sandbox.server import SandboxServer

ROOT = Path(__file__).resolve().parent.parent
AIRFLOW = Path(sys.executable).parent / "airflow"
INHERITED_VARIABLES = ("HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH")


def airflow_environment(folder: Path, sandbox: SandboxServer, **settings: str) -> dict[str, str]:
    """Return the environment variables of an Airflow that uses the sandbox and stores all files in a folder.

    :param folder: folder for its database, the warehouse and the books.
    :param sandbox: the running sandbox.
    :param settings: further variables.
    """
    connection = {
        "conn_type": "seventime",
        "host": sandbox.base_url,
        "password": sandbox.api_key,
        "login": sandbox.acting_user_id,
    }
    return {
        **{name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ},
        # Airflow finds its own commands on the PATH.
        "PATH": os.pathsep.join([str(AIRFLOW.parent), os.environ.get("PATH", os.defpath)]),
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "example_dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
        "AIRFLOW_CONN_SEVENTIME_DEFAULT": json.dumps(connection),
        "AIRFLOW_CONN_SEVENTIME_WAREHOUSE": json.dumps({"conn_type": "sqlite", "host": str(folder / "warehouse.db")}),
        "AIRFLOW_VAR_SEVENTIME_BOOKS": f"file://{folder / 'books'}",
        **settings,
    }


def run_airflow(log: Path, environment: Mapping[str, str], *arguments: str) -> None:
    """Run an ``airflow`` command, and write its output to a log.

    :raises SystemExit: the command failed; the message has the end of the log.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        ended = subprocess.run(  # noqa: S603 - our own command with our own arguments
            [str(AIRFLOW), *arguments], env=dict(environment), stdout=output, stderr=subprocess.STDOUT, check=False
        )
    if ended.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-40:])
        raise SystemExit(f"{tail}\n\n`airflow {' '.join(arguments)}` failed. The whole log is {log}.")
