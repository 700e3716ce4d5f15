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
def migrated_database(request: pytest.FixtureRequest) -> Path:
    """Create an empty metadata database; return its file.

    One process of a run migrates it, and the others wait. It stays in pytest's cache for the next run.
    """
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
            shutil.copy(_file_of_the_settings(), unfinished)
            unfinished.rename(kept)
    return kept


@pytest.fixture(scope="module")
def airflow_database(migrated_database: Path) -> str:
    """Put an empty database where the settings of ``tests/conftest.py`` name one; return its URL.

    Each module has one of its own, so that no test reads the XComs, pauses and queues of another.
    """
    file = _file_of_the_settings()
    file.unlink(missing_ok=True)
    shutil.copy(migrated_database, file)
    return f"sqlite:///{file}"


def _file_of_the_settings() -> Path:
    return Path(os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].removeprefix("sqlite:///"))
