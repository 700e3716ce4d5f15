"""A memory as Airflow 3.3 gives it to a task."""

from __future__ import annotations

import pytest

from tests.unit.operators.state_store import StateStore


@pytest.fixture
def state_store():
    return StateStore()
