"""Databases of this machine that the benchmarks write to, as Airflow connections."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

POSTGRESQL, MARIADB, SQLITE = "PostgreSQL", "MariaDB", "SQLite"
CONNECT_TIMEOUT_SECONDS = 1.0
CONNECTIONS: dict[str, dict[str, Any]] = {
    POSTGRESQL: {"conn_type": "postgres", "host": "127.0.0.1", "port": 5432, "login": "postgres", "schema": "test"},
    MARIADB: {
        "conn_type": "mysql",
        "host": "127.0.0.1",
        "port": 3306,
        "login": "root",
        "password": "",
        "schema": "test",
        "extra": '{"client": "mysql-connector-python"}',
    },
    SQLITE: {"conn_type": "sqlite"},
}


def connection_of(database: str, folder: Path) -> dict[str, Any]:
    """Return the Airflow connection of a database.

    :param database: name of the database.
    :param folder: folder for the file of SQLite.
    """
    known = CONNECTIONS[database]
    return {**known, "host": str(folder / "warehouse.db")} if database == SQLITE else known


def missing_server(database: str) -> str | None:
    """Return the reason why a database is not available; None: it is."""
    known = CONNECTIONS[database]
    if "port" not in known:
        return None
    try:
        socket.create_connection((known["host"], known["port"]), CONNECT_TIMEOUT_SECONDS).close()
    except OSError:
        return f"no {database} at {known['host']}:{known['port']}"
    return None
