"""Columns of the fields of a collection: names and types."""

from __future__ import annotations

import pytest
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.schema import CreateTable

from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.warehouse.schema.columns import column_name, columns_of
from airflow_provider_seventime.warehouse.schema.tables import table_of


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("time", "time"),
        ("userName", "user_name"),
        ("invoiceableTime", "invoiceable_time"),
        ("OCRNumber", "ocr_number"),
        ("OCR", "ocr"),
        ("customerVAT", "customer_vat"),
        ("totalAmountInclTax", "total_amount_incl_tax"),
        ("address2", "address2"),
    ],
)
def test_column_names_are_in_snake_case(field, column):
    assert column_name(field) == column


def test_no_two_fields_of_a_collection_share_a_column(subtests):
    for collection in COLLECTIONS.values():
        with subtests.test(collection.name):
            names = [column.name for column in columns_of(collection, marks_deletions=True)]

            assert len(names) == len(set(names)) == len(collection.fields) + 4
            assert names[0] == "id"
            assert names[-3:] == ["record", "synced_at", "deleted_at"]
            assert [column.name for column in columns_of(collection)] == names[:-1]


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        pytest.param(
            sqlite.dialect(),
            ["id TEXT NOT NULL", "user_name TEXT", "time NUMERIC", "timestamp DATETIME", "record TEXT NOT NULL"],
            id="sqlite",
        ),
        pytest.param(
            postgresql.dialect(),
            [
                "id TEXT NOT NULL",
                "time NUMERIC,",
                "is_invoiced BOOLEAN",
                "end_timestamp TIMESTAMP WITH TIME ZONE",
                "record JSONB NOT NULL",
                "synced_at TIMESTAMP WITH TIME ZONE",
            ],
            id="postgresql",
        ),
        pytest.param(
            mysql.dialect(),
            [
                "id VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL",
                "customer VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
                "user_name LONGTEXT CHARACTER SET utf8mb4",
                "time NUMERIC(38, 18)",
                "end_timestamp DATETIME(6)",
                "record LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL",
                "ENGINE=InnoDB",
            ],
            id="mysql",
        ),
    ],
)
def test_types_of_each_database(dialect, expected):
    statement = str(CreateTable(table_of(TIME_LOGS, "time_logs")).compile(dialect=dialect))

    assert [text for text in expected if text not in statement] == []
    assert "PRIMARY KEY (id)" in statement
