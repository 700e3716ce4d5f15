"""An Airflow with a database of its own, for what only Airflow itself can show."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

AIRFLOW = Path(sys.executable).parent / "airflow"


@pytest.fixture(scope="session")
def airflow_database() -> str:
    """Make the metadata database that the settings of ``tests/conftest.py`` name, once; return its URL."""
    ended = subprocess.run(
        [str(AIRFLOW), "db", "migrate"], env=os.environ, capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, (ended.stdout + ended.stderr)[-4000:]
    return os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
