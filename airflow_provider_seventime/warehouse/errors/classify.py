"""Classification of database errors by the database's own codes.

Of an error only its kind and a reason that quotes no row are kept: drivers put values into their messages, as
PostgreSQL does with a duplicate key, and messages end in logs. So no error of a driver is the cause of an error of this
package.

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


class FailureKind(Enum):
    """Kinds of failure that need different reactions."""

    BUSY = auto()
    """A conflict with another transaction: a deadlock, a lock timeout, a serialization failure."""
    LOST = auto()
    """The connection was lost, or could not be made."""
    FULL = auto()
    """No room left: disk, memory, a quota."""
    FORBIDDEN = auto()
    """The user of the database lacks a right."""
    LOGIN = auto()
    """The database refuses the user, the password or the name of the database."""
    READ_ONLY = auto()
    """Nothing can be written: a replica, or a file without write permission."""
    CONTENT = auto()
    """The database rejected a row for its values."""
    TRANSIENT = auto()
    """Another failure that another run may not meet: a time limit, a disk error."""
    OTHER = auto()
    """Another failure that another run will meet again."""


class DatabaseFailure(Exception):  # noqa: N818 - it never leaves the warehouse: what leaves it is in exceptions.py
    """Error of the database, without any value of a row.

    :param kind: what it means.
    :param reason: the database's own message, or the name of the error where the message may quote a row.
    :param is_disconnect: the connection can no longer be used.
    :param committing: it happened during the COMMIT, so that the outcome is unknown.
    :ivar user: the database's name of the connected user, where a right is missing; None: not asked for.
    """

    def __init__(
        self, kind: FailureKind, reason: str, *, is_disconnect: bool = False, committing: bool = False
    ) -> None:
        self.kind = kind
        self.reason = reason
        self.is_disconnect = is_disconnect
        self.committing = committing
        self.user: str | None = None
        super().__init__(f"{kind.name.lower()}: {reason}")


def driver_errors(dialect: Dialect) -> tuple[type[Exception], ...]:
    """Return the exception classes that a database error may have.

    SQLAlchemy wraps the exceptions of its driver, except where the driver is used directly, as for COPY. The C
    extension of mysql-connector-python has an exception of its own, which it raises where a COMMIT fails.
    """
    driver: Any = dialect.dbapi
    found: list[type[Exception]] = [DBAPIError, driver.Error]
    if dialect.driver == "mysqlconnector" and "_mysql_connector" in sys.modules:  # else the driver is pure Python
        found.append(sys.modules["_mysql_connector"].MySQLInterfaceError)
    return tuple(found)


def classify_error(
    error: Exception, dialect_name: str, *, connected: bool = True, committing: bool = False
) -> DatabaseFailure:
    """Classify an error of SQLAlchemy or of its driver.

    :param error: the error.
    :param dialect_name: SQLAlchemy's name of the database.
    :param connected: False: it happened while connecting.
    :param committing: it happened during the COMMIT.
    """
    raised = getattr(error, "orig", None) or error
    kind = _kind(error, raised, dialect_name, connected=connected)
    # MySQL ends the connection after a statement that is too large.
    is_disconnect = kind is FailureKind.LOST or (
        dialect_name in MYSQL_LIKE and _mysql_code(raised) == _PACKET_TOO_LARGE
    )
    return DatabaseFailure(
        kind, _reason(raised, dialect_name, kind), is_disconnect=is_disconnect, committing=committing
    )


def _kind(error: Exception, raised: Any, dialect_name: str, *, connected: bool) -> FailureKind:
    known: FailureKind | None = None
    if dialect_name == "postgresql":
        known = _postgresql_kind(raised, connected=connected)
    elif dialect_name in MYSQL_LIKE:
        known = _MYSQL_KINDS.get(_mysql_code(raised))
    elif dialect_name == "sqlite":
        known = _SQLITE_KINDS.get(getattr(raised, "sqlite_errorcode", 0) & 0xFF)
    if known is not None:
        return known
    if not connected or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return FailureKind.LOST
    # SQLAlchemy's errors and those of a driver that is used directly share the names of PEP 249.
    names = {parent.__name__ for parent in type(error).__mro__}
    if names & {"IntegrityError", "DataError"}:
        return FailureKind.CONTENT
    return FailureKind.TRANSIENT if "OperationalError" in names else FailureKind.OTHER


# SQLSTATE, or the class that it begins with.
_POSTGRESQL_KINDS = {
    "08": FailureKind.LOST,
    "22": FailureKind.CONTENT,
    "23": FailureKind.CONTENT,
    "25006": FailureKind.READ_ONLY,
    "25P": FailureKind.LOST,  # the session was idle for too long
    "28": FailureKind.LOGIN,
    "3D": FailureKind.LOGIN,
    "40001": FailureKind.BUSY,
    "40P01": FailureKind.BUSY,
    "42501": FailureKind.FORBIDDEN,
    "44": FailureKind.CONTENT,
    "53": FailureKind.FULL,
    "53300": FailureKind.LOST,  # too many connections
    "54": FailureKind.CONTENT,
    "55P03": FailureKind.BUSY,
    "57014": FailureKind.TRANSIENT,
    "57P": FailureKind.LOST,
    "58": FailureKind.TRANSIENT,
    "P0": FailureKind.CONTENT,  # raised by a trigger of the user's own
}
# While connecting there is no SQLSTATE, only the message.
_REFUSED_LOGIN = re.compile(r"authentication failed|does not exist|pg_hba\.conf|no password supplied")


def _postgresql_kind(raised: Any, *, connected: bool) -> FailureKind | None:
    code = getattr(raised, "sqlstate", None) or getattr(raised, "pgcode", None)
    if code is not None:
        prefixes = (code[:length] for length in (5, 3, 2))
        return next((_POSTGRESQL_KINDS[prefix] for prefix in prefixes if prefix in _POSTGRESQL_KINDS), None)
    if not connected and _REFUSED_LOGIN.search(str(raised)):
        return FailureKind.LOGIN
    return None


_MYSQL_KINDS = {
    code: kind
    for kind, codes in {
        FailureKind.BUSY: (1205, 1213, 3572),
        FailureKind.LOST: (
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
        FailureKind.FULL: (1021, 1026, 1030, 1037, 1041, 1114),
        FailureKind.FORBIDDEN: (1044, 1142, 1143, 1227, 1370),
        FailureKind.LOGIN: (1045, 1049, 1130, 1251, 1698, 2059),
        FailureKind.READ_ONLY: (1290, 1792, 1836),
        FailureKind.CONTENT: (
            1048,
            1062,
            1118,
            1153,
            1264,
            1265,
            1292,
            1300,
            1364,
            1366,
            1406,
            1452,
            1644,
            1690,
            3819,
            4025,
        ),
        FailureKind.TRANSIENT: (1317, 1969, 3024),
    }.items()
    for code in codes
}

_SQLITE_KINDS = {
    sqlite3.SQLITE_BUSY: FailureKind.BUSY,
    sqlite3.SQLITE_LOCKED: FailureKind.BUSY,
    sqlite3.SQLITE_FULL: FailureKind.FULL,
    sqlite3.SQLITE_IOERR: FailureKind.TRANSIENT,
    sqlite3.SQLITE_READONLY: FailureKind.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: FailureKind.LOGIN,
    sqlite3.SQLITE_NOTADB: FailureKind.LOGIN,
    sqlite3.SQLITE_PERM: FailureKind.LOGIN,
    sqlite3.SQLITE_CONSTRAINT: FailureKind.CONTENT,
    sqlite3.SQLITE_MISMATCH: FailureKind.CONTENT,
    sqlite3.SQLITE_TOOBIG: FailureKind.CONTENT,
}


def _mysql_code(raised: Any) -> int:
    # errno in mysql-connector-python, the first argument in mysqlclient and PyMySQL.
    found = getattr(raised, "errno", None) or (raised.args[0] if raised.args else None)
    return found if isinstance(found, int) else 0


_MYSQL_NAMES = re.compile(r"(?:for key|for column|Column) [`']([\w.$]+)[`'](?: at row \d+| cannot be null)?$")


def _reason(raised: Any, dialect_name: str, kind: FailureKind) -> str:
    if kind is FailureKind.CONTENT and dialect_name != "sqlite":  # SQLite never quotes a value
        return _named(raised, dialect_name)
    lines = _message(raised).strip().splitlines() or [type(raised).__name__]
    # MySQL quotes a statement with a syntax error, and with it the rows.
    return lines[0].split(" near '")[0][:_LONGEST_REASON]


def _named(raised: Any, dialect_name: str) -> str:
    """Return the name of an error, with the constraint or column that it names."""
    if dialect_name in MYSQL_LIKE:
        found = _MYSQL_NAMES.search(_message(raised).strip())
        return f"error {_mysql_code(raised)}" + (f", {found[1]}" if found else "")
    diagnosis = getattr(raised, "diag", None)
    about = [getattr(diagnosis, part, None) for part in ("constraint_name", "column_name")]
    return ", ".join([type(raised).__name__, *filter(None, about)])


def _message(raised: Any) -> str:
    primary = getattr(getattr(raised, "diag", None), "message_primary", None)
    return str(primary or getattr(raised, "msg", None) or (raised.args[-1] if raised.args else ""))
