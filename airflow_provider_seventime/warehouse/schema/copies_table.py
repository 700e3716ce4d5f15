"""Table ``seventime_copies``: whose copy each table of its schema is, and how far it has been read."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, MetaData, String, Table

from airflow_provider_seventime.warehouse.schema.types import ANY_TEXT, RECORD_ID, UtcTimestamp

COPIES = "seventime_copies"

TABLE_NAME, OWNER, SYNC, MODE = "table_name", "account", "sync", "mode"
KEY = (TABLE_NAME, OWNER, SYNC, MODE)


def copies_table(schema: str | None) -> Table:
    """Return the table, without a query.

    It has one row per table, account, filters with protection (``sync``), and mode.

    :param schema: of the tables that it describes; None: the connection's own.
    """
    return Table(
        COPIES,
        MetaData(),
        Column(TABLE_NAME, RECORD_ID, primary_key=True),
        Column(OWNER, RECORD_ID, primary_key=True),
        Column(SYNC, String(16), primary_key=True),
        Column(MODE, String(20), primary_key=True),
        Column("company", RECORD_ID, nullable=False),
        Column("key_digest", String(16), nullable=False),
        Column("seventime_conn_id", RECORD_ID, nullable=False),
        Column("collection", String(100), nullable=False),
        Column("adopted", Boolean(), nullable=False),
        Column("filters", ANY_TEXT, nullable=False),
        Column("protection", String(16), nullable=False),
        Column("watermark", UtcTimestamp()),
        Column("started_at", UtcTimestamp()),
        Column("recorded_at", UtcTimestamp()),
        Column("rows_read", BigInteger()),
        Column("rows_written", BigInteger()),
        Column("rows_deleted", BigInteger()),
        Column("rows_older", BigInteger()),
        Column("misfits", BigInteger()),
        Column("deletions", ANY_TEXT),
        Column("requests_made", BigInteger()),
        Column("waited_seconds", Float(53)),
        Column("rejections", BigInteger()),
        Column("run_id", ANY_TEXT),
        schema=schema,
        mysql_engine="InnoDB",
        mariadb_engine="InnoDB",
    )
