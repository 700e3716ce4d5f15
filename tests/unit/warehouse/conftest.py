"""A SQLite file, and time logs as the API answers them."""

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
    """Run SQL as an analyst would, past all of our types; the rows as tuples."""

    def run(sql):
        with engine.begin() as connection:
            answer = connection.exec_driver_sql(sql)
            return [tuple(row) for row in answer] if answer.returns_rows else []

    return run
