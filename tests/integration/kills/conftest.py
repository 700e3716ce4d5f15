"""A worker to kill tasks in, and how often."""

from __future__ import annotations

import pytest

from tests.integration.kills.killing import Worker
from tests.sizes import KILLS


@pytest.fixture
def kills():
    """Number of tries that are killed."""
    return KILLS


@pytest.fixture
def worker(tmp_path):
    with Worker(tmp_path / "worker", {"AIRFLOW_CONN_ANY_DATABASE": "sqlite:///:memory:"}) as worker:
        yield worker
        left = [path.name for path in worker.folder.iterdir() if not path.name.startswith("seventime-pacing-")]
        assert left == [], "temporary files of killed tasks stay behind"
