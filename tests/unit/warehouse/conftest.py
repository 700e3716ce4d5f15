"""A SQLite file, and time logs as the API answers them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import create_engine

from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.warehouse.copy import CollectionCopy

TABLE = "seventime_time_logs"


@pytest.fixture
def engine(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'warehouse.db'}", hide_parameters=True)
    yield engine
    engine.dispose()


@pytest.fixture
def copy(engine):
    copy = CollectionCopy(engine, TABLE, TIME_LOGS)
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


@pytest.fixture
def time_log():
    def make(record_id="514959f8733259db7591000c", **fields):
        return {
            "_id": record_id,
            "timestamp": "2026-09-01T06:00:00.000Z",
            "endTimestamp": "2026-09-01T14:00:00.000Z",
            "user": "51203146506d961c03079180",
            "userName": "Tommy Hellström",
            "time": 8,
            "invoiceableTime": Decimal("7.50"),
            "cost": Decimal("10690.5824"),
            "status": 1,
            "isInvoiced": False,
            "isInvoiceable": True,
            "customer": None,
            "description": "",
            "customFields": [],
            "unSocialHoursCosts": [{"_id": "5f57385dbe6f05476e59e603", "time": Decimal("10.5261325")}],
            **fields,
        }

    return make
