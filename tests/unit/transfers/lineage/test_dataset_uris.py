"""URIs of tables and files, which equal those of Airflow's providers and OpenLineage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from airflow.providers.amazon.aws.assets import s3 as s3_assets
from airflow.providers.common.compat.assets import Asset
from airflow.providers.common.compat.sdk import BaseHook
from airflow.providers.common.io.assets import file as file_assets
from airflow.providers.mysql.assets import mysql as mysql_assets
from airflow.providers.openlineage.sqlparser import SQLParser
from airflow.providers.postgres.assets import postgres as postgres_assets
from sqlalchemy.engine import make_url

from airflow_provider_seventime.transfers.lineage.dataset_uris import (
    Address,
    collection_address,
    file_address,
    table_address,
)

NEWER_MYSQL_PROVIDER = pytest.mark.skipif(
    not hasattr(mysql_assets, "create_asset"),
    reason="this apache-airflow-providers-mysql neither creates assets nor converts them to datasets of OpenLineage",
)
PASSWORD = "p4ss-w0rd"
POSTGRES = f"postgresql+psycopg2://analyst:{PASSWORD}@DB.example.com:6543/Analytics"
MARIADB = f"mysql+mysqlconnector://analyst:{PASSWORD}@db.example.com/analytics"
SQL_SERVER = f"mssql+pyodbc://analyst:{PASSWORD}@db.example.com:1433/analytics?driver=ODBC"

TABLES = {
    "postgres": (POSTGRES, "public", "customers", "postgres://db.example.com:6543/Analytics/public/customers"),
    "postgres-schema": (POSTGRES, "public", "raw.customers", "postgres://db.example.com:6543/Analytics/raw/customers"),
    "postgres-port": (
        "postgresql://db.example.com/analytics",
        "public",
        " customers ",
        "postgres://db.example.com:5432/analytics/public/customers",
    ),
    "postgres-socket": ("postgresql:///analytics", "public", "t", "postgres://localhost:5432/analytics/public/t"),
    "postgres-ipv6": ("postgresql://[::1]:5432/analytics", "public", "t", "postgres://[::1]:5432/analytics/public/t"),
    "odd-names": (
        "postgresql://db/a&b",
        "public",
        "räkenskap/å?#",
        "postgres://db:5432/a%26b/public/r%C3%A4kenskap%2F%C3%A5%3F%23",
    ),
    "mysql": (MARIADB, "analytics", "customers", "mysql://db.example.com:3306/analytics/customers"),
    "mysql-database": (MARIADB, "analytics", "raw.customers", "mysql://db.example.com:3306/raw/customers"),
    "mysql-of-the-session": ("mysql://db:3307", "raw", "customers", "mysql://db:3307/raw/customers"),
    "mariadb": ("mariadb+mysqlconnector://db/raw", "raw", "customers", "mysql://db:3306/raw/customers"),
    "sqlite": ("sqlite:////srv/ware house.db", "main", "customers", "x-sqlite:///srv/ware%20house.db/main/customers"),
    "sqlite-schema": ("sqlite:////srv/w.db", "main", "main.customers", "x-sqlite:///srv/w.db/main/customers"),
    "sqlite-attached": ("sqlite:////srv/w.db", "main", "other.customers", "x-sqlite:///srv/w.db/other/customers"),
    "sqlite-slashes": ("sqlite://///srv/w.db", "main", "t", "x-sqlite:///srv/w.db/main/t"),
    "sqlite-uri": ("sqlite:///file:/srv/w.db?mode=rw&uri=true", None, "t", "x-sqlite:///srv/w.db/main/t"),
    "others": (SQL_SERVER, "dbo", "customers", "x-mssql://db.example.com:1433/analytics/dbo/customers"),
    "others-database": (SQL_SERVER, "dbo", "lake.raw.customers", "x-mssql://db.example.com:1433/lake/raw/customers"),
    "others-without-schema": ("duckdb:////srv/x.duckdb", None, "t", "x-duckdb://localhost/%2Fsrv%2Fx.duckdb/t"),
}
FILES = {
    "local": ("/srv/lake/customers.parquet", "file:///srv/lake/customers.parquet"),
    "file": ("file:///srv/lake/customers.parquet", "file:///srv/lake/customers.parquet"),
    "slashes": ("//srv/lake/x.jsonl", "file:///srv/lake/x.jsonl"),
    "folder": ("/srv/lake/customers/", "file:///srv/lake/customers"),
    "s3": ("s3://aws_default@lake/seventime/customers.jsonl.gz", "s3://lake/seventime/customers.jsonl.gz"),
    "s3a": ("s3a://lake/customers", "s3://lake/customers"),
    "gcs": ("gcs://google@lake/customers", "gs://lake/customers"),
    "azure": ("abfs://azure@lake/customers", "abfs://lake/customers"),
    "odd-names": ("/srv/räkningar 1?#%/x.jsonl", "file:///srv/r%C3%A4kningar%201%3F%23%25/x.jsonl"),
    "two-urls": ("s3://lake/from/https://example.com", "s3://lake/from/https://example.com"),
    "hive": ("s3://lake/customers/month=2026-09", "s3://lake/customers/month=2026-09"),
}


def address(url, schema, table) -> Address:
    found = table_address(make_url(url), schema, table)
    assert found is not None
    return found


def test_a_table_has_an_address_without_the_password(subtests):
    for case, (url, schema, table, uri) in TABLES.items():
        with subtests.test(case):
            found = address(url, schema, table)

            assert found.uri == uri
            assert not [secret for secret in (PASSWORD, "analyst") if secret in repr(found)]


@pytest.mark.parametrize(("path", "uri"), FILES.values(), ids=FILES)
def test_a_file_has_an_address_without_its_connection(path, uri):
    assert file_address(path).uri == uri


def test_airflow_accepts_the_address_unchanged(subtests):
    for uri in [case[-1] for case in (*TABLES.values(), *FILES.values())]:
        with subtests.test(uri):
            asset = Asset(uri)

            assert asset.uri == uri
            assert getattr(asset, "name", uri) == uri


def test_a_relative_file_of_sqlite_becomes_absolute():
    assert address("sqlite:///warehouse.db", "main", "t").uri == f"x-sqlite://{Path.cwd()}/warehouse.db/main/t"


@pytest.mark.parametrize(
    ("url", "schema", "table"),
    [
        ("sqlite://", "main", "t"),
        ("sqlite:///:memory:", "main", "t"),
        ("postgresql://db.example.com", "public", "t"),
        ("postgresql://db.example.com/analytics", None, "t"),
        ("mysql://db.example.com", None, "t"),
    ],
)
def test_an_incomplete_connection_has_no_address(url, schema, table):
    assert table_address(make_url(url), schema, table) is None


def test_the_providers_create_the_same_assets():
    where: dict[str, Any] = {"host": "db.example.com", "database": "analytics", "table": "customers"}

    postgres = postgres_assets.create_asset(**where, schema="raw")

    assert postgres == Asset(address("postgresql://db.example.com/analytics", "raw", "customers").uri)
    assert file_assets.create_asset(path="/srv/x.jsonl") == Asset(file_address("/srv/x.jsonl").uri)
    assert s3_assets.create_asset(bucket="lake", key="x.jsonl") == Asset(file_address("s3://conn@lake/x.jsonl").uri)


def test_the_mysql_provider_accepts_the_address_unchanged():
    uri = address("mysql://db.example.com/analytics", "analytics", "customers").uri

    assert mysql_assets.sanitize_uri(urlsplit(uri)).geturl() == uri


@NEWER_MYSQL_PROVIDER
def test_the_mysql_provider_creates_the_same_asset_and_dataset():
    found = address("mysql://db.example.com/analytics", "analytics", "customers")
    asset = mysql_assets.create_asset(host="db.example.com", database="analytics", table="customers")

    dataset = mysql_assets.convert_asset_to_openlineage(asset, None)

    assert asset == Asset(found.uri)
    assert (found.namespace, found.name) == (dataset.namespace, dataset.name)


def test_openlineage_names_the_same_datasets():
    postgres = address("postgresql://db.example.com/analytics", "raw", "customers")
    file, s3 = file_address("/srv/x.jsonl"), file_address("s3://conn@lake/a/x.jsonl")

    for found, converter in (
        (postgres, postgres_assets.convert_asset_to_openlineage),
        (file, file_assets.convert_asset_to_openlineage),
        (s3, s3_assets.convert_asset_to_openlineage),
    ):
        dataset = converter(Asset(found.uri), None)
        assert (found.namespace, found.name) == (dataset.namespace, dataset.name)


@pytest.mark.parametrize(
    "connection",
    [
        {"conn_type": "postgres", "host": "DB.example.com", "schema": "analytics"},
        {"conn_type": "postgres", "host": "db.example.com", "schema": "analytics", "port": 6543},
        {
            "conn_type": "mysql",
            "host": "db.example.com",
            "schema": "analytics",
            "extra": {"client": "mysql-connector-python"},
        },
    ],
    ids=["postgres", "postgres-port", "mysql"],
)
def test_operators_of_the_same_connection_report_the_same_namespace(connection, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", json.dumps(connection))
    hook = BaseHook.get_connection("warehouse").get_hook()
    info = hook.get_openlineage_database_info(BaseHook.get_connection("warehouse"))

    found = table_address(make_url(hook.get_uri()), "public", "customers")

    assert found is not None
    assert found.namespace == SQLParser.create_namespace(info)


def test_openlineage_names_of_tables_and_files():
    names = {
        case: (address(*TABLES[case][:3]).namespace, address(*TABLES[case][:3]).name)
        for case in ("postgres", "mysql", "sqlite", "others")
    }

    assert names == {
        "postgres": ("postgres://db.example.com:6543", "Analytics.public.customers"),
        "mysql": ("mysql://db.example.com:3306", "analytics.customers"),
        "sqlite": ("sqlite:///srv/ware house.db", "main.customers"),
        "others": ("mssql://db.example.com:1433", "analytics.dbo.customers"),
    }
    s3 = file_address("s3://conn@lake/a b.parquet")
    assert (s3.namespace, s3.name) == ("s3://lake", "a b.parquet")


def test_the_address_of_a_collection_has_the_host():
    found = collection_address("https://app.seventime.se", "timeLogs")

    assert found == Address("seventime://app.seventime.se/timeLogs", "seventime://app.seventime.se", "timeLogs")
    assert Asset(found.uri).uri == found.uri
