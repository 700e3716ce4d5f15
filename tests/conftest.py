"""Ground of every test: an Airflow home of its own, and none of the machine's connections and proxies."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

# Airflow reads these when it is imported, which is before any fixture runs.
_HOME = tempfile.TemporaryDirectory(prefix="seventime-tests-", ignore_cleanup_errors=True)
HOME = Path(_HOME.name)
ROOT = Path(__file__).parent.parent
EXAMPLE_DAGS = ROOT / "example_dags"
os.environ.update(
    AIRFLOW_HOME=str(HOME / "airflow"),
    AIRFLOW__CORE__DAGS_FOLDER=str(EXAMPLE_DAGS),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{HOME / 'airflow.db'}",
    AIRFLOW__LOGGING__LOGGING_LEVEL="INFO",
    # Airflow 3.0 does not look for modules beside a DAG file: those of the tests name theirs from the root.
    PYTHONPATH=os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
    TMPDIR=str(HOME),
)
tempfile.tempdir = None

pytest_plugins = ["airflow_provider_seventime.testing"]


def pytest_xdist_auto_num_workers() -> int:
    """Return the processes of ``-n auto``: one more than cores, because tests wait a third of their time."""
    return len(os.sched_getaffinity(0)) + 1


LONG_FILES = {"integration", "test_schemathesis.py"}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that the processes of a run end together."""
    items.sort(key=lambda item: not LONG_FILES & {*item.path.parts})


MACHINE_SETTINGS = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture(autouse=True)
def _no_writes_of_earlier_tests() -> None:
    """Forget the creates of earlier tests, whose sandbox has been reset since."""
    from airflow_provider_seventime.testing import forget_writes  # once pytest has loaded it as a plugin

    forget_writes()


@pytest.fixture(autouse=True)
def no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the machine's proxies, certificates and Airflow connections out of the tests."""
    for name in MACHINE_SETTINGS:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in [name for name in os.environ if name.startswith("AIRFLOW_CONN_")]:
        monkeypatch.delenv(name)
