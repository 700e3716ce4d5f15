"""Task state store of Airflow 3.3."""

from __future__ import annotations

import pytest

from tests.unit.operators.state_store import StateStore


@pytest.fixture
def state_store():
    return StateStore()
