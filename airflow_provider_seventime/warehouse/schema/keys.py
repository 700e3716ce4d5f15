"""Key of a table: ``id``, and ``account`` before it where the table holds several accounts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table
from sqlalchemy.sql import ColumnElement

from airflow_provider_seventime.warehouse.schema.columns import ACCOUNT, ID


def key_names(table: Table) -> list[str]:
    """Return the names of the columns by which rows are merged."""
    return [ACCOUNT, ID] if ACCOUNT in table.columns else [ID]


def account_of(table: Table) -> str | None:
    """Return the account whose rows are read and written; None: the table holds one account only."""
    found: str | None = table.info.get(ACCOUNT)
    return found


def in_account(table: Any, account: str | None) -> list[ColumnElement[bool]]:
    """Return the condition that limits a statement to the rows of an account, as a list of at most one.

    :param table: the table, or an alias of it.
    :param account: from :func:`account_of`.
    """
    return [] if account is None else [table.columns[ACCOUNT] == account]
