"""The example DAG as a module."""

from __future__ import annotations

import importlib.util

import pytest

from tests.conftest import EXAMPLE_DAGS


@pytest.fixture(scope="module")
def keep_warehouse(airflow_database):
    """Load ``seventime_keep_warehouse.py`` as Airflow does."""
    spec = importlib.util.spec_from_file_location("keep_warehouse", EXAMPLE_DAGS / "seventime_keep_warehouse.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
