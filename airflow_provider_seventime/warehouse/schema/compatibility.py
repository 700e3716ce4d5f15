"""Compatibility of the columns of an existing table: each must keep every value that its field may hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

from sqlalchemy import CHAR, BigInteger, Boolean, DateTime, Enum, Float, Integer, LargeBinary, Numeric, String
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.types import NullType, TypeEngine

from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind
from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE
from airflow_provider_seventime.warehouse.schema.columns import ACCOUNT, DELETED_AT, ID, RECORD, SYNCED_AT, column_name

# So many characters of any kind fit into MySQL's TEXT and MEDIUMTEXT; the API has no longer ones.
_LONG_TEXT = 65_535 // 4
_LONG_RECORD = 16_777_215 // 4
_LONG_ID = 64
_DIGITS_BEFORE_POINT = 20
_DIGITS_AFTER_POINT = 18
_DIGITS_OF_64_BITS = 19
# The API's instants have milliseconds.
_DIGITS_OF_SECOND = 3

IsCompatible = Callable[[Any], bool]


def column_kinds(collection: CollectionSpec) -> dict[str, FieldKind | None]:
    """Return the kind of value of each column of a collection's table; None: the whole record."""
    return {
        ACCOUNT: FieldKind.ID,
        ID: FieldKind.ID,
        **{column_name(field): kind for field, kind in collection.fields.items()},
        RECORD: None,
        SYNCED_AT: FieldKind.INSTANT,
        DELETED_AT: FieldKind.INSTANT,
    }


def is_compatible(kind: FieldKind | None, found: TypeEngine[Any], dialect_name: str) -> bool:
    """Return whether a column of a type keeps every value of a kind unchanged.

    A type that SQLAlchemy does not know counts as compatible, and so does every type of a database that this package
    is not tested on.

    :param kind: of the field; None: the whole record.
    :param found: the column's type, as SQLAlchemy's inspector returns it.
    :param dialect_name: SQLAlchemy's name of the database.
    """
    found = getattr(found, "data_type", found)  # the type under a PostgreSQL domain
    rules = _RULES.get("mysql" if dialect_name in MYSQL_LIKE else dialect_name)
    return rules is None or isinstance(found, NullType) or rules[kind](found)


def _is(*types: type) -> IsCompatible:
    return lambda found: isinstance(found, types)


def _is_not(*types: type) -> IsCompatible:
    return lambda found: not isinstance(found, types)


def _text(least: int) -> IsCompatible:
    return lambda found: isinstance(found, String) and _capacity(found) >= least


_MYSQL_TEXTS: Mapping[type, int] = {mysql.TINYTEXT: 63, mysql.TEXT: _LONG_TEXT, mysql.MEDIUMTEXT: _LONG_RECORD}


def _capacity(found: Any) -> float:
    """Return how many characters of any kind a column holds; 0 where it pads texts or allows only listed ones."""
    if isinstance(found, CHAR | Enum | mysql.SET):
        return 0
    return _MYSQL_TEXTS.get(type(found), inf if found.length is None else found.length)


def _exact(before_point: int, after_point: int) -> IsCompatible:
    def holds(found: Any) -> bool:
        if not isinstance(found, Numeric) or isinstance(found, Float):
            return False
        scale = found.scale or 0
        return found.precision is None or (scale >= after_point and found.precision - scale >= before_point)

    return holds


def _integer(found: Any) -> bool:
    signed = isinstance(found, BigInteger) and not getattr(found, "unsigned", False)
    return signed or _exact(_DIGITS_OF_64_BITS, 0)(found)


def _zoned(found: Any) -> bool:
    if not isinstance(found, DateTime) or not found.timezone:
        return False
    precision = getattr(found, "precision", None)
    return precision is None or precision >= _DIGITS_OF_SECOND


_RULES: Mapping[str, Mapping[FieldKind | None, IsCompatible]] = {
    "postgresql": {
        FieldKind.ID: _text(_LONG_ID),
        FieldKind.TEXT: _text(_LONG_TEXT),
        FieldKind.NUMBER: _exact(_DIGITS_BEFORE_POINT, _DIGITS_AFTER_POINT),
        FieldKind.INTEGER: _integer,
        FieldKind.BOOLEAN: _is(Boolean),
        FieldKind.INSTANT: _zoned,
        None: _is(postgresql.JSONB),
    },
    "mysql": {
        FieldKind.ID: _text(_LONG_ID),
        FieldKind.TEXT: _text(_LONG_TEXT),
        FieldKind.NUMBER: _exact(_DIGITS_BEFORE_POINT, _DIGITS_AFTER_POINT),
        FieldKind.INTEGER: _integer,
        FieldKind.BOOLEAN: _is(Boolean, Integer),
        # Not TIMESTAMP: it is converted to the time zone of the session, and ends in 2038.
        FieldKind.INSTANT: lambda found: isinstance(found, mysql.DATETIME) and (found.fsp or 0) >= _DIGITS_OF_SECOND,
        None: _text(_LONG_RECORD),
    },
    # SQLite stores every value, converted by the affinity of the column:
    # https://www.sqlite.org/datatype3.html
    "sqlite": {
        FieldKind.ID: _is(String, LargeBinary),
        FieldKind.TEXT: _is(String, LargeBinary),
        FieldKind.NUMBER: _is_not(String, LargeBinary),
        FieldKind.INTEGER: _is_not(String, Float),
        FieldKind.BOOLEAN: _is_not(String),
        FieldKind.INSTANT: lambda _: True,
        None: lambda _: True,
    },
}
