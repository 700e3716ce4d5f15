"""What an error of a database means, told by the database's own codes.

What is kept of an error is its kind and a reason that quotes no row: drivers put values into their texts, as PostgreSQL
does with a key that exists already, and those texts end in logs. So no error of a driver is the cause of one of ours.

Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html, https://mariadb.com/kb/en/mariadb-error-code-reference/,
https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html and https://www.sqlite.org/rescode.html.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from enum import Enum, auto
from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE

_LONGEST_REASON = 300
_PACKET_TOO_LARGE = 1153


class Kind(Enum):
    """What happened, as far as it decides what to do."""

    BUSY = auto()
    """Another transaction was in the way: a deadlock, a lock that was not given, a serialization failure."""
    LOST = auto()
    """The connection broke, or there was none to be had."""
    FULL = auto()
    """No room left: disk, memory, a quota."""
    FORBIDDEN = auto()
    """The user of the database lacks a right."""
    LOGIN = auto()
    """The database does not take the user, the password or the name of the database."""
    READ_ONLY = auto()
    """Nothing can be written there: a replica, or a file without the right to write."""
    CONTENT = auto()
    """A row was refused for what it holds."""
    PASSING = auto()
    """Something else that may go by: a time limit, a failure of the disk."""
    OTHER = auto()
    """Something else that will be the same the next time."""


class DatabaseFailure(Exception):  # noqa: N818 - it never leaves the warehouse: what leaves it is in exceptions.py
    """An error of the database, without anything of what was written.

    :param kind: what it means.
    :param reason: the database's own words, or where these may quote a row, the name of the error.
    :param broken: the connection is of no use any more.
    :param ending: it came with the COMMIT, so that the outcome is not known.
    :ivar user: whom the database takes us for, where a right is missing; None: it was not asked.
    """

    def __init__(self, kind: Kind, reason: str, *, broken: bool = False, ending: bool = False) -> None:
        self.kind = kind
        self.reason = reason
        self.broken = broken
        self.ending = ending
        self.user: str | None = None
        super().__init__(f"{kind.name.lower()}: {reason}")


def driver_errors(dialect: Dialect) -> tuple[type[Exception], ...]:
    """Return the errors by which a database is heard.

    SQLAlchemy wraps those of its driver, except where the driver is used directly, as for COPY. The extension in C
    beneath mysql-connector-python has an error of its own, which it raises where a COMMIT fails.
    """
    driver: Any = dialect.dbapi
    found: list[type[Exception]] = [DBAPIError, driver.Error]
    if dialect.driver == "mysqlconnector" and "_mysql_connector" in sys.modules:  # else it works without
        found.append(sys.modules["_mysql_connector"].MySQLInterfaceError)
    return tuple(found)


def read_failure(
    error: Exception, dialect_name: str, *, connected: bool = True, ending: bool = False
) -> DatabaseFailure:
    """Read an error of SQLAlchemy or of the driver beneath it.

    :param error: the error.
    :param dialect_name: SQLAlchemy's name of the database.
    :param connected: False: it came while connecting.
    :param ending: it came with the COMMIT.
    """
    raised = getattr(error, "orig", None) or error
    kind = _kind(error, raised, dialect_name, connected=connected)
    # MySQL hangs up on a statement that is too large.
    broken = kind is Kind.LOST or (dialect_name in MYSQL_LIKE and _mysql_code(raised) == _PACKET_TOO_LARGE)
    return DatabaseFailure(kind, _reason(raised, dialect_name, kind), broken=broken, ending=ending)


def _kind(error: Exception, raised: Any, dialect_name: str, *, connected: bool) -> Kind:
    known: Kind | None = None
    if dialect_name == "postgresql":
        known = _postgresql_kind(raised, connected=connected)
    elif dialect_name in MYSQL_LIKE:
        known = _MYSQL_KINDS.get(_mysql_code(raised))
    elif dialect_name == "sqlite":
        known = _SQLITE_KINDS.get(getattr(raised, "sqlite_errorcode", 0) & 0xFF)
    if known is not None:
        return known
    if not connected or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return Kind.LOST
    # The names are those of PEP 249, by SQLAlchemy's errors and by those of a driver that is used directly.
    names = {parent.__name__ for parent in type(error).__mro__}
    if names & {"IntegrityError", "DataError"}:
        return Kind.CONTENT
    return Kind.PASSING if "OperationalError" in names else Kind.OTHER


# SQLSTATE, or the class that it begins with.
_POSTGRESQL_KINDS = {
    "08": Kind.LOST,
    "22": Kind.CONTENT,
    "23": Kind.CONTENT,
    "25006": Kind.READ_ONLY,
    "25P": Kind.LOST,  # the session was idle for too long
    "28": Kind.LOGIN,
    "3D": Kind.LOGIN,
    "40001": Kind.BUSY,
    "40P01": Kind.BUSY,
    "42501": Kind.FORBIDDEN,
    "44": Kind.CONTENT,
    "53": Kind.FULL,
    "53300": Kind.LOST,  # too many connections
    "54": Kind.CONTENT,
    "55P03": Kind.BUSY,
    "57014": Kind.PASSING,
    "57P": Kind.LOST,
    "58": Kind.PASSING,
    "P0": Kind.CONTENT,  # raised by a trigger of the user's own
}
# While connecting there is no SQLSTATE, only the text.
_REFUSED_LOGIN = re.compile(r"authentication failed|does not exist|pg_hba\.conf|no password supplied")


def _postgresql_kind(raised: Any, *, connected: bool) -> Kind | None:
    code = getattr(raised, "sqlstate", None) or getattr(raised, "pgcode", None)
    if code is not None:
        prefixes = (code[:length] for length in (5, 3, 2))
        return next((_POSTGRESQL_KINDS[prefix] for prefix in prefixes if prefix in _POSTGRESQL_KINDS), None)
    if not connected and _REFUSED_LOGIN.search(str(raised)):
        return Kind.LOGIN
    return None


_MYSQL_KINDS = {
    code: kind
    for kind, codes in {
        Kind.BUSY: (1205, 1213, 3572),
        Kind.LOST: (
            1040,
            1053,
            1077,
            1152,
            1158,
            1159,
            1160,
            1161,
            1203,
            1226,
            1927,
            2002,
            2003,
            2006,
            2013,
            2055,
            4031,
        ),
        Kind.FULL: (1021, 1026, 1030, 1037, 1041, 1114),
        Kind.FORBIDDEN: (1044, 1142, 1143, 1227, 1370),
        Kind.LOGIN: (1045, 1049, 1130, 1251, 1698, 2059),
        Kind.READ_ONLY: (1290, 1792, 1836),
        Kind.CONTENT: (1048, 1062, 1118, 1153, 1264, 1265, 1292, 1300, 1364, 1366, 1406, 1452, 1644, 1690, 3819, 4025),
        Kind.PASSING: (1317, 1969, 3024),
    }.items()
    for code in codes
}

_SQLITE_KINDS = {
    sqlite3.SQLITE_BUSY: Kind.BUSY,
    sqlite3.SQLITE_LOCKED: Kind.BUSY,
    sqlite3.SQLITE_FULL: Kind.FULL,
    sqlite3.SQLITE_IOERR: Kind.PASSING,
    sqlite3.SQLITE_READONLY: Kind.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Kind.LOGIN,
    sqlite3.SQLITE_NOTADB: Kind.LOGIN,
    sqlite3.SQLITE_PERM: Kind.LOGIN,
    sqlite3.SQLITE_CONSTRAINT: Kind.CONTENT,
    sqlite3.SQLITE_MISMATCH: Kind.CONTENT,
    sqlite3.SQLITE_TOOBIG: Kind.CONTENT,
}


def _mysql_code(raised: Any) -> int:
    # mysql-connector-python has it as errno; mysqlclient and PyMySQL have it first.
    found = getattr(raised, "errno", None) or (raised.args[0] if raised.args else None)
    return found if isinstance(found, int) else 0


_MYSQL_NAMES = re.compile(r"(?:for key|for column|Column) [`']([\w.$]+)[`'](?: at row \d+| cannot be null)?$")


def _reason(raised: Any, dialect_name: str, kind: Kind) -> str:
    if kind is Kind.CONTENT and dialect_name != "sqlite":  # which never quotes a value
        return _named(raised, dialect_name)
    lines = _message(raised).strip().splitlines() or [type(raised).__name__]
    # MySQL quotes the statement that it cannot read, and with it the rows.
    return lines[0].split(" near '")[0][:_LONGEST_REASON]


def _named(raised: Any, dialect_name: str) -> str:
    """Return the name of an error, and that of the constraint or column it is about."""
    if dialect_name in MYSQL_LIKE:
        found = _MYSQL_NAMES.search(_message(raised).strip())
        return f"error {_mysql_code(raised)}" + (f", {found[1]}" if found else "")
    diagnosis = getattr(raised, "diag", None)
    about = [getattr(diagnosis, part, None) for part in ("constraint_name", "column_name")]
    return ", ".join([type(raised).__name__, *filter(None, about)])


def _message(raised: Any) -> str:
    primary = getattr(getattr(raised, "diag", None), "message_primary", None)
    return str(primary or getattr(raised, "msg", None) or (raised.args[-1] if raised.args else ""))
