"""Requirements on a table of MySQL or MariaDB beyond its columns.

Its engine has transactions, its texts hold every character, its ids are case-sensitive, and it has no unique index
beside the primary key: ``ON DUPLICATE KEY UPDATE`` overwrites the row of any unique index that it meets.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Table, bindparam, text
from sqlalchemy.engine import Connection
from sqlalchemy.engine.reflection import Inspector

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.warehouse.schema.columns import ACCOUNT, ID
from airflow_provider_seventime.warehouse.schema.repair_sql import alteration, modification

# These keep what a transaction wrote after a ROLLBACK: https://mariadb.com/kb/en/storage-engines/
_WITHOUT_TRANSACTIONS = frozenset({"ARCHIVE", "ARIA", "CSV", "MEMORY", "MYISAM"})
_UNICODE = "utf8mb4"
_CHARACTER_SETS = text(
    "SELECT column_name, character_set_name, collation_name FROM information_schema.columns "
    "WHERE table_schema = COALESCE(:schema, DATABASE()) AND table_name = :name AND character_set_name IS NOT NULL"
).bindparams(bindparam("schema"), bindparam("name"))


def check_session(connection: Connection) -> None:
    """Check that the connection can send every text to the server.

    :param connection: to the database.
    :raises ConfigError: the connection has a character set that lacks most characters.
    """
    character_set = str(connection.exec_driver_sql("SELECT @@character_set_client").scalar_one())
    if character_set != _UNICODE:
        raise ConfigError(
            f"the SQL connection has the character set {character_set}, which lacks most characters; "
            f'set {{"charset": "{_UNICODE}"}} in its extra'
        )


def table_problems(connection: Connection, inspector: Inspector, table: Table) -> Iterator[str]:
    """Yield a line for each property that would lose rows or characters, with the SQL that repairs it.

    :param connection: to the database.
    :param inspector: of the connection.
    :param table: the table as it should be; it exists in the database.
    """
    dialect = connection.dialect
    engine = inspector.get_table_options(table.name, schema=table.schema).get(f"{dialect.name}_engine", "")
    if engine.upper() in _WITHOUT_TRANSACTIONS:
        repair_sql = alteration(table, dialect, "ENGINE = InnoDB")
        yield f"its storage engine is {engine}, which has no transactions: {repair_sql}"
    for index in inspector.get_indexes(table.name, schema=table.schema):
        name = index["name"]
        if name and index["unique"]:
            repair_sql = alteration(table, dialect, f"DROP INDEX {dialect.identifier_preparer.quote(name)}")
            yield f"{name} is a unique index, so one record would overwrite the row of another: {repair_sql}"
    for name, character_set, collation in connection.execute(
        _CHARACTER_SETS, {"schema": table.schema, "name": table.name}
    ):
        if name not in table.columns:
            continue
        repair_sql = alteration(table, dialect, modification(table.columns[name], dialect))
        if character_set != _UNICODE:
            yield f"{name} has the character set {character_set}, which lacks most characters: {repair_sql}"
        elif name in (ACCOUNT, ID) and not collation.endswith("_bin"):
            yield f"{name} has the collation {collation}, which treats different ids as equal: {repair_sql}"
