"""An Airflow with a database of its own, for what only Airflow itself can show."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from airflow import __version__ as airflow_version

AIRFLOW = Path(sys.executable).parent / "airflow"


@pytest.fixture(scope="session")
def airflow_database(request: pytest.FixtureRequest) -> str:
    """Create the metadata database that the settings of ``tests/conftest.py`` name; return its URL.

    One process of a run migrates a database, and the others copy it. It stays in pytest's cache for the next run.
    """
    url = os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    kept = request.config.cache.mkdir("airflow") / f"{airflow_version}.db"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            ended = subprocess.run(
                [str(AIRFLOW), "db", "migrate"],
                env=os.environ,
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            assert ended.returncode == 0, (ended.stdout + ended.stderr)[-4000:]
            unfinished = kept.with_suffix(".unfinished")
            shutil.copy(url.removeprefix("sqlite:///"), unfinished)
            unfinished.rename(kept)
    shutil.copy(kept, url.removeprefix("sqlite:///"))
    return url
