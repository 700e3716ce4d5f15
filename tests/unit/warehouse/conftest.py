"""A copy of the time logs in a SQLite file."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine

from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from tests.unit.warehouse.record_copy import RecordCopy

TABLE = "seventime_time_logs"


@pytest.fixture
def engine(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'warehouse.db'}", hide_parameters=True)
    yield engine
    engine.dispose()


@pytest.fixture
def copy(engine):
    copy = RecordCopy(engine, TABLE, TIME_LOGS)
    copy.prepare()
    return copy


@pytest.fixture
def query(engine):
    """Run SQL without the types of this package; return the rows as tuples."""

    def run(sql):
        with engine.begin() as connection:
            result = connection.exec_driver_sql(sql)
            return [tuple(row) for row in result] if result.returns_rows else []

    return run
