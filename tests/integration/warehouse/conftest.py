"""Airflow connections to each kind of database."""

from __future__ import annotations

import pytest

from tests.integration.keep_warehouse.warehouses import KINDS, warehouse
from tests.integration.warehouse.databases import Database


@pytest.fixture(params=KINDS)
def database(request, tmp_path, monkeypatch):
    """Create an empty database with the connection ``warehouse`` to it. Without a server the test is skipped."""
    with warehouse(request.param, tmp_path) as connection:
        monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", connection)
        yield Database(request.param, connection)
