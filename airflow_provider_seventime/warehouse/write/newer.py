"""Rule that says which of two readings of a record is newer: in Python, and as a condition of the writing statement.

The record's own time of change decides, where both readings have one. Otherwise, and between equal ones, the instant at
which the reading began decides, on the server's clock. A reading that began a day later than the stored one is newer in
any case. So a time of change that the API sets back does not keep a row for ever.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Table, and_, case, func, literal_column, or_
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ColumnElement

from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE
from airflow_provider_seventime.warehouse.schema.columns import DELETED_AT, SYNCED_AT, column_name

MODIFIED = column_name("modifiedDate")
_A_DAY = timedelta(days=1)
_FALSE: ColumnElement[bool] = literal_column("false")


class Times(NamedTuple):
    """Instants that decide which reading of a record is newer, all in UTC; each may be None.

    :param modified: the record's own time of change.
    :param synced: when the reading began.
    :param deleted: when the reading began that found the record deleted.
    """

    modified: datetime | None
    synced: datetime | None
    deleted: datetime | None = None


class MergeResult(NamedTuple):
    """Outcome of a merge.

    :param written: rows that were new or changed.
    :param older: rows that differ and were not written, because the table has a newer reading of their record.
    """

    written: int = 0
    older: int = 0

    def plus(self, other: MergeResult) -> MergeResult:
        """Return the sum of both."""
        return MergeResult(self.written + other.written, self.older + other.older)


def is_older(new: Times, stored: Times) -> bool:
    """Return whether a reading is older than the stored one."""
    if new.synced is None or stored.synced is None:
        return False
    if stored.deleted is not None and new.synced < stored.deleted:
        return True
    if new.modified is None or stored.modified is None or new.modified == stored.modified:
        return new.synced < stored.synced
    return new.modified < stored.modified and new.synced - _A_DAY < stored.synced


def older_condition(table: Table, stored: Any, new: Any, dialect: Dialect) -> ColumnElement[bool]:
    """Return :func:`is_older` as SQL, which is true or false and never NULL.

    :param table: as it is in the database.
    :param stored: the columns of the stored row, by name.
    :param new: the columns of the new row, by name.
    :param dialect: of the database, PostgreSQL or MySQL.
    """
    began_earlier = func.coalesce(new[SYNCED_AT] < stored[SYNCED_AT], _FALSE)
    older: ColumnElement[bool] = began_earlier
    if MODIFIED in table.columns:
        changed_earlier = and_(
            new[MODIFIED] < stored[MODIFIED], _day_before(new[SYNCED_AT], dialect) < stored[SYNCED_AT]
        )
        older = case((new[MODIFIED] != stored[MODIFIED], func.coalesce(changed_earlier, _FALSE)), else_=began_earlier)
    if DELETED_AT in table.columns:
        older = or_(older, func.coalesce(new[SYNCED_AT] < stored[DELETED_AT], _FALSE))
    return older


def _day_before(instant: Any, dialect: Dialect) -> Any:
    if dialect.name in MYSQL_LIKE:
        return func.subdate(instant, literal_column("1"))
    return instant - literal_column("interval '1 day'")
