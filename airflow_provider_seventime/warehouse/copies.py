"""Record of whose copy a table is: its collection and account, and the watermarks of its syncs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Engine

from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.warehouse.errors.messages import Action
from airflow_provider_seventime.warehouse.schema.copies_table import COPIES, OWNER, SYNC, TABLE_NAME, copies_table
from airflow_provider_seventime.warehouse.schema.tables import table_of
from airflow_provider_seventime.warehouse.transactions import Transactions
from airflow_provider_seventime.warehouse.write.copy_entries import Entry, claim_table, find_entries, write_entry
from airflow_provider_seventime.warehouse.write.copy_owner import CopyOwner, check_collection

logger = logging.getLogger(__name__)

_READ = Action(f"reading {COPIES}", "SELECT")
_CLAIM = Action(f"writing to {COPIES}", "CREATE, ALTER, SELECT, INSERT, UPDATE, DELETE", "no row was written")
_RECORD = Action(
    f"writing to {COPIES}", "SELECT, INSERT, UPDATE", "the rows were written, and the next run reads them again"
)


@dataclass(frozen=True, slots=True)
class Account:
    """Account of Seven Time that a run reads.

    :param company: its organisation number and host, or the Airflow connection where the key may not ask for it.
    :param conn_id: the Airflow connection.
    :param key_digest: digest of host and API key, which reveals neither.
    :param name: value of the column ``account``; None: the table has no such column.
    """

    company: str
    conn_id: str
    key_digest: str
    name: str | None = None

    @property
    def label(self) -> str:
        """Value of the column ``account`` of ``seventime_copies``."""
        return self.name or self.company


class TableRecord:
    """Rows of ``seventime_copies`` about one table.

    :param engine: of the database.
    :param table: ``table`` or ``schema.table``.
    :param collection: of the run.
    :param key_digest: of the run's API key.
    :param account_name: value of the column ``account``; None: the table has no such column.
    :param exists: the table exists. If it does not, what is recorded of it does not count.
    :param holds_rows: it has rows of the account. If nothing is recorded of them, an earlier version wrote them.
    :param sleep: waits for so many seconds before another attempt.
    :raises ConfigError: the table holds another collection, or ``seventime_copies`` cannot be read.
    """

    def __init__(
        self,
        engine: Engine,
        table: str,
        collection: CollectionSpec,
        *,
        key_digest: str,
        account_name: str | None = None,
        exists: bool = True,
        holds_rows: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        data = table_of(collection, table)
        if data.name.lower() == COPIES:
            raise ConfigError(
                f"table: {table} is the table in which this package records its copies\nGive another name"
            )
        self.name = str(data.name.lower() if engine.dialect.name == "sqlite" else data.name)
        self._collection = collection
        self._account_name = account_name
        self._copies = copies_table(data.schema)
        self._transactions = Transactions(engine, self._copies, collection, sleep)
        found = self._transactions.read(_READ, find_entries, self._copies, self.name, key_digest)
        recorded = [one for one in found if one[TABLE_NAME] == self.name]
        self._of_key = [one for one in found if one["key_digest"] == key_digest]
        self._entries, self._stale = (recorded, []) if exists else ([], recorded)
        check_collection(self.name, collection.name, self._entries)
        own = [one for one in self._entries if account_name in (None, one[OWNER])]
        self._is_adopted = (holds_rows and not own) or any(one["adopted"] for one in own)

    @property
    def is_known(self) -> bool:
        """True if an earlier run recorded the table for this account."""
        return any(self._account_name in (None, one[OWNER]) for one in self._entries)

    def watermark(self, sync: str) -> datetime | None:
        """Return the watermark of the newest success; None: none is known.

        :param sync: digest of filters and protection.
        """
        found = [
            one["watermark"]
            for one in self._entries
            if one[SYNC] == sync and self._account_name in (None, one[OWNER]) and one["watermark"] is not None
        ]
        return max(found, default=None)

    def has_one_filter(self, filters: str) -> bool:
        """Return whether every row of the account was read with certain filters, as far as it is recorded.

        :param filters: as recorded.
        """
        own = [one for one in self._entries if self._account_name in (None, one[OWNER])]
        return bool(own) and all(one["filters"] == filters and not one["adopted"] for one in own)

    def company_of_key(self) -> str | None:
        """Return the account that an earlier run found for the same key; None: unknown."""
        return next((one["company"] for one in self._of_key), None)

    def identified(self, asked: str | None, conn_id: str) -> str:
        """Return the account's name, where earlier runs of the connection may have recorded another kind of name.

        :param asked: organisation number and host; None: the key may not ask for it.
        :param conn_id: the Airflow connection.
        """
        by_connection = f"connection {conn_id}"
        of_connection = [one["company"] for one in self._entries if one["seventime_conn_id"] == conn_id]
        if asked is None:
            return next(iter(of_connection), by_connection)
        return by_connection if by_connection in of_connection else asked

    def check_account(self, account: Account) -> None:
        """Check that the table held no other account at the beginning of the run.

        :param account: of the run.
        :raises ConfigError: it does.
        """
        self._owner(account).check(self._entries)

    def _owner(self, account: Account) -> CopyOwner:
        return CopyOwner(
            self.name, self._copies.fullname, self._collection.name, account.company, account.conn_id, account.name
        )

    def claim(self, account: Account, entry: Entry) -> None:
        """Record the account before its first row is written, unless an earlier run did.

        :param account: of the run.
        :param entry: see :meth:`save`.
        :raises ConfigError: another run recorded another account or collection meanwhile.
        """
        if self.is_known:
            return
        if self._is_adopted:
            logger.info(
                "The table %s was made by an earlier version of this package: it is recorded as the copy of %s of the "
                "account %s",
                self.name,
                self._collection.name,
                account.company,
            )
        self._transactions.write(
            _CLAIM,
            claim_table,
            self._copies,
            self._with_identity(account, entry),
            self._stale,
            self._owner(account),
        )

    def save(self, account: Account, entry: Entry, *, reset_watermark: bool = False) -> None:
        """Record a success, in a transaction of its own.

        :param account: of the run.
        :param entry: columns of ``seventime_copies``: ``sync``, ``mode``, the watermark (None: unchanged), figures.
        :param reset_watermark: later watermarks of this sync are wrong: lower them.
        """
        self._transactions.write(
            _RECORD,
            write_entry,
            self._copies,
            self._with_identity(account, entry),
            reset_watermark=reset_watermark,
        )

    def _with_identity(self, account: Account, entry: Entry) -> dict[str, Any]:
        return {
            TABLE_NAME: self.name,
            OWNER: account.label,
            "company": account.company,
            "key_digest": account.key_digest,
            "seventime_conn_id": account.conn_id,
            "collection": self._collection.name,
            "adopted": self._is_adopted,
            **entry,
        }
