"""A worker to kill tasks in, and how often."""

from __future__ import annotations

import os

import pytest

from tests.integration.kills.killing import Worker

KILLS = 50


@pytest.fixture
def kills():
    """How many tries are killed: 50, or what the environment variable SEVENTIME_KILLS says."""
    return int(os.environ.get("SEVENTIME_KILLS", KILLS))


@pytest.fixture
def worker(tmp_path):
    with Worker(tmp_path / "worker", {"AIRFLOW_CONN_ANY_DATABASE": "sqlite:///:memory:"}) as worker:
        yield worker
        left = [path.name for path in worker.folder.iterdir() if not path.name.startswith("seventime-pacing-")]
        assert left == [], "temporary files of killed tasks stay behind"
