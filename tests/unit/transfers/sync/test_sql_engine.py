"""Engines from Airflow connections, to the database servers of this machine if there are any."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

import pytest
import sqlalchemy

from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.exceptions import ConfigError, WarehouseError
from airflow_provider_seventime.transfers.sync.sql_engine import open_engine
from tests.unit.warehouse.databases.servers import MARIADB, POSTGRESQL, missing
from tests.unit.warehouse.record_copy import RecordCopy

NOW = datetime(2026, 9, 2, 3, tzinfo=UTC)
POSTGRES = {"conn_type": "postgres", "host": "127.0.0.1", "login": "postgres", "schema": "test", "port": 5432}
MYSQL = {
    "conn_type": "mysql",
    "host": "127.0.0.1",
    "login": "root",
    "schema": "test",
    "port": 3306,
    "extra": {"client": "mysql-connector-python"},
}


@pytest.fixture
def connect(monkeypatch):
    """Set the connection ``warehouse``. Without a server the test is skipped."""

    def connected(parts, **extra):
        written = {**parts, "extra": {**parts.get("extra", {}), **extra}}
        servers = {"postgres": POSTGRESQL, "mysql": MARIADB}
        if (server := servers.get(parts["conn_type"])) and (reason := missing(server)):
            pytest.skip(reason)
        monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", json.dumps(written))
        return open_engine("warehouse")

    return connected


@pytest.mark.parametrize("form", ["uri", "json"])
def test_a_connection_of_a_sql_database(monkeypatch, tmp_path, form):
    path = tmp_path / "warehouse.db"
    written = {"uri": f"sqlite:///{path}", "json": json.dumps({"conn_type": "sqlite", "host": str(path)})}[form]
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", written)

    with open_engine("warehouse") as engine, engine.begin() as connection:
        connection.exec_driver_sql("create table t (a text)")

    assert path.exists()


@pytest.mark.parametrize(
    ("parts", "extra"),
    [
        pytest.param(POSTGRES, {}, id="postgresql"),
        pytest.param(POSTGRES, {"sqlalchemy_scheme": "postgresql+psycopg2"}, id="postgresql-psycopg2"),
        pytest.param(MYSQL, {}, id="mariadb"),
        pytest.param({"conn_type": "sqlite"}, {}, id="sqlite"),
    ],
)
def test_a_copy_over_a_connection(connect, tmp_path, parts, extra):
    if parts["conn_type"] == "sqlite":
        parts = {**parts, "host": str(tmp_path / "warehouse.db")}
    table = f"warehouse_{uuid.uuid4().hex}"
    records = [{"_id": f"{number:04}", "time": 8, "description": "Möte 50 % av %s"} for number in range(600)]

    with connect(parts, **extra) as engine:
        copy = RecordCopy(engine, table, TIME_LOGS)
        try:
            copy.prepare()
            assert copy.merge_records(records, NOW) == 600
            assert copy.merge_records(records, NOW) == 0
            assert len(copy.rows_not_read({"0000"}, window=None, equal={"description": "Möte 50 % av %s"})) == 599
            assert copy.delete(["0000"]) == 1
        finally:
            with engine.begin() as connection:
                connection.exec_driver_sql(f"drop table {table}")


def test_the_driver_is_that_of_the_hook(connect):
    with connect(POSTGRES) as engine:
        assert engine.dialect.driver == ("psycopg" if sqlalchemy.__version__ >= "2" else "psycopg2")


def test_the_extra_of_the_connection_is_used(connect):
    with connect(POSTGRES, application_name="the_sync", cursor="dictcursor") as engine, engine.connect() as connection:
        assert connection.exec_driver_sql("show application_name").scalar() == "the_sync"


def test_a_server_without_tls_is_refused_if_the_extra_requires_it(connect):
    with connect(POSTGRES) as engine, engine.connect() as connection:
        if connection.exec_driver_sql("show ssl").scalar() == "on":
            pytest.skip("this server has TLS")

    with connect(POSTGRES, sslmode="require") as engine, pytest.raises(WarehouseError, match="SSL"):
        RecordCopy(engine, "hours", TIME_LOGS).check()


def test_errors_of_the_database_do_not_quote_rows(monkeypatch, tmp_path):
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", f"sqlite:///{tmp_path / 'warehouse.db'}")

    with open_engine("warehouse") as engine:
        assert engine.hide_parameters


@pytest.mark.parametrize(
    ("connection", "message"),
    [
        pytest.param(None, "sql_conn_id 'warehouse': .*isn't defined", id="missing"),
        pytest.param(
            "nosuchtype://host",
            r"sql_conn_id 'warehouse': Unknown hook type(.|\n)*Install the Airflow provider of connections of type",
            id="unknown-type",
        ),
        pytest.param(
            "snowflake://host",
            r"sql_conn_id 'warehouse': (.|\n)*where the task runs: pip install apache-airflow-providers-snowflake$",
            id="no-provider",
        ),
        pytest.param("fs://", "type 'fs', which is not an SQL database", id="no-database"),
        pytest.param(
            json.dumps({**POSTGRES, "extra": {"sqlalchemy_scheme": "postgresql+pg8000"}}),
            "SQLAlchemy cannot reach this database: .*pg8000",
            id="no-driver",
        ),
        pytest.param(
            json.dumps({**POSTGRES, "password": "hunter2", "extra": {"sqlalchemy_scheme": "mysql"}}),
            r"the connection gives no valid URL for SQLAlchemy \(ValueError\)",
            id="another-database",
        ),
    ],
)
def test_a_connection_to_no_sql_database(monkeypatch, connection, message):
    if connection:
        monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", connection)

    with pytest.raises(ConfigError, match=message) as refused, open_engine("warehouse"):
        pass

    assert "hunter2" not in str(refused.value)
