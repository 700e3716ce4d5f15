"""Airflow with a connection to the sandbox, for ``make demo`` and ``make ui``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
    stored = {f"AIRFLOW_CONN_{name.upper()}": json.dumps(one) for name, one in connections(folder, sandbox).items()}
    stored |= {f"AIRFLOW_VAR_{name.upper()}": value for name, value in variables(folder).items()}
    return bare_environment(folder, **stored, **settings)


def connections(folder: Path, sandbox: SandboxServer) -> dict[str, dict[str, Any]]:
    """Return the Airflow connections of the example DAGs by id.

    :param folder: folder for the warehouse.
    :param sandbox: the running sandbox.
    """
    return {
        "seventime_default": {
            "conn_type": "seventime",
            # The Test button of Airflow 3.3.1 and 3.3.2 refuses a connection without a port.
            "host": f"http://{sandbox.host}",
            "port": sandbox.port,
            "password": sandbox.api_key,
            "login": sandbox.acting_user_id,
        },
        "seventime_warehouse": {"conn_type": "sqlite", "host": str(folder / "warehouse.db")},
    }


def variables(folder: Path) -> dict[str, str]:
    """Return the Airflow variables of the example DAGs by key.

    :param folder: folder for the books.
    """
    return {"seventime_books": f"file://{folder / 'books'}"}


def bare_environment(folder: Path, **settings: str) -> dict[str, str]:
    """Return the environment variables of an Airflow with the example DAGs and without connections.

    :param folder: folder for its database.
    :param settings: further variables.
    """
    return {
        **{name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ},
        # Airflow finds its own commands on the PATH.
        "PATH": os.pathsep.join([str(AIRFLOW.parent), os.environ.get("PATH", os.defpath)]),
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "example_dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
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
