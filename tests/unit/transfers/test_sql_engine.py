"""Airflow connections as engines."""

from __future__ import annotations

import json

import pytest

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.transfers.sql_engine import open_engine


@pytest.mark.parametrize("form", ["uri", "json"])
def test_a_connection_of_a_sql_database(monkeypatch, tmp_path, form):
    path = tmp_path / "warehouse.db"
    written = {"uri": f"sqlite:///{path}", "json": json.dumps({"conn_type": "sqlite", "host": str(path)})}[form]
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", written)

    with open_engine("warehouse") as engine, engine.begin() as connection:
        connection.exec_driver_sql("create table t (a text)")

    assert path.exists()


def test_errors_of_the_database_do_not_quote_rows(monkeypatch, tmp_path):
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", f"sqlite:///{tmp_path / 'warehouse.db'}")

    with open_engine("warehouse") as engine:
        assert engine.hide_parameters


@pytest.mark.parametrize(
    ("connection", "complaint"),
    [
        pytest.param(None, "sql_conn_id 'warehouse': .*isn't defined", id="missing"),
        pytest.param("nosuchtype://host", "sql_conn_id 'warehouse': Unknown hook type", id="unknown-type"),
        pytest.param("fs://", "type 'fs', which is no SQL database", id="no-database"),
    ],
)
def test_a_connection_that_is_no_sql_database(monkeypatch, connection, complaint):
    if connection:
        monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", connection)

    with pytest.raises(ConfigError, match=complaint), open_engine("warehouse"):
        pass
