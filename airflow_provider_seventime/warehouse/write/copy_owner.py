"""Owner of a table: the account and the collection that it is a copy of. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.warehouse.schema.copies_table import OWNER, TABLE_NAME


@dataclass(frozen=True, slots=True)
class CopyOwner:
    """Account and collection of the run that writes a table.

    :param table_name: name of the table, without its schema.
    :param copies_name: name of ``seventime_copies``, with its schema.
    :param collection: name of the collection.
    :param company: the account, as ``seventime_copies`` names it.
    :param conn_id: the Airflow connection.
    :param account_name: value of the column ``account``; None: the table has no such column.
    """

    table_name: str
    copies_name: str
    collection: str
    company: str
    conn_id: str
    account_name: str | None

    def check(self, entries: Sequence[Mapping[str, Any]]) -> None:
        """Check that the table holds no other collection and no other account.

        :param entries: rows of ``seventime_copies`` about the table.
        :raises ConfigError: it does.
        """
        check_collection(self.table_name, self.collection, entries)
        for one in entries:
            if one["company"] != self.company and self.account_name in (None, one[OWNER]):
                raise ConfigError(
                    f"table: {self.table_name} is the copy of the account {one['company']} "
                    f"({one['seventime_conn_id']}), and {self.conn_id} is a connection of the account {self.company}\n"
                    "Give another table, or a new table with account='...' for each account. Only if both are one "
                    f"account: {self._forget_sql}"
                )

    @property
    def _forget_sql(self) -> str:
        return f"DELETE FROM {self.copies_name} WHERE {TABLE_NAME} = '{self.table_name}'"  # noqa: S608 - for a message


def check_collection(table_name: str, collection: str, entries: Sequence[Mapping[str, Any]]) -> None:
    """Check that a table holds no other collection.

    :param table_name: name of the table, without its schema.
    :param collection: name of the collection.
    :param entries: rows of ``seventime_copies`` about the table.
    :raises ConfigError: it does.
    """
    other = next((one for one in entries if one["collection"] != collection), None)
    if other is not None:
        raise ConfigError(
            f"table: {table_name} is the copy of {other['collection']}, and this run reads {collection}\n"
            "Give another table, or drop that one if it is no longer needed"
        )
