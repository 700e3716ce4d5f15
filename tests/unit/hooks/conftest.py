from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import redact


@pytest.fixture
def masked():
    """Show a text as Airflow's task log does."""
    return redact
