"""What a table of MySQL or MariaDB must be beyond its columns.

It has transactions, holds every text, tells ids apart, and has no key but ``id``: ``ON DUPLICATE KEY UPDATE`` goes by
whatever unique index it meets.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Table, bindparam, text
from sqlalchemy.engine import Connection
from sqlalchemy.engine.reflection import Inspector

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.warehouse.schema.columns import ID
from airflow_provider_seventime.warehouse.schema.repair_sql import alteration, modification

# https://mariadb.com/kb/en/storage-engines/: these keep what a transaction wrote when it is undone.
_WITHOUT_TRANSACTIONS = frozenset({"ARCHIVE", "ARIA", "CSV", "MEMORY", "MYISAM"})
_UNICODE = "utf8mb4"
_CHARACTER_SETS = text(
    "SELECT column_name, character_set_name, collation_name FROM information_schema.columns "
    "WHERE table_schema = COALESCE(:schema, DATABASE()) AND table_name = :name AND character_set_name IS NOT NULL"
).bindparams(bindparam("schema"), bindparam("name"))


def check_session(connection: Connection) -> None:
    """Find out whether every text can be said to the server.

    :param connection: to the database.
    :raises ConfigError: the connection speaks a character set that lacks most characters.
    """
    spoken = str(connection.exec_driver_sql("SELECT @@character_set_client").scalar_one())
    if spoken != _UNICODE:
        raise ConfigError(
            f"the SQL connection speaks the character set {spoken}, which does not hold every text; "
            f'set {{"charset": "{_UNICODE}"}} in its extra'
        )


def table_problems(connection: Connection, inspector: Inspector, table: Table) -> Iterator[str]:
    """Yield a line for each thing that would lose rows or characters, with the statement that mends it.

    :param connection: to the database.
    :param inspector: of the connection.
    :param table: the table as it should be; it is there.
    """
    dialect = connection.dialect
    engine = inspector.get_table_options(table.name, schema=table.schema).get(f"{dialect.name}_engine", "")
    if engine.upper() in _WITHOUT_TRANSACTIONS:
        mended = alteration(table, dialect, "ENGINE = InnoDB")
        yield f"its storage engine is {engine}, which has no transactions: {mended}"
    for index in inspector.get_indexes(table.name, schema=table.schema):
        name = index["name"]
        if name and index["unique"]:
            mended = alteration(table, dialect, f"DROP INDEX {dialect.identifier_preparer.quote(name)}")
            yield f"{name} is a unique index, so one record would be written over another's row: {mended}"
    for name, character_set, collation in connection.execute(
        _CHARACTER_SETS, {"schema": table.schema, "name": table.name}
    ):
        if name not in table.columns:
            continue
        mended = alteration(table, dialect, modification(table.columns[name], dialect))
        if character_set != _UNICODE:
            yield f"{name} has the character set {character_set}, which does not hold every text: {mended}"
        elif name == ID and not collation.endswith("_bin"):
            yield f"{name} has the collation {collation}, which takes different ids for the same: {mended}"
