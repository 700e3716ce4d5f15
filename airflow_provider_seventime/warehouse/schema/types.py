"""Column types that keep the values of the API: instants in UTC, decimals with their digits, JSON with its numbers.

SQLite has neither a decimal nor a timestamp type. A number is stored in a column of NUMERIC affinity, which keeps about
fifteen digits; the column ``record`` has all of them. An instant is stored as text in UTC that sorts by time,
``YYYY-MM-DD HH:MM:SS.ffffff``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Numeric, String, Text
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE, WITHOUT_TIME_ZONES
from airflow_provider_seventime.warehouse.values import instant_as_text, number_as_text

# A record's ``_id``: an opaque, case-sensitive text. Most databases accept no unbounded text as a key.
_LONGEST_KEY = 255
_MYSQL_KEY = mysql.VARCHAR(_LONGEST_KEY, charset="utf8mb4", collation="utf8mb4_bin")
RECORD_ID = (
    String(_LONGEST_KEY)
    .with_variant(Text(), "postgresql")
    .with_variant(Text(), "sqlite")
    .with_variant(_MYSQL_KEY, "mysql")
    .with_variant(_MYSQL_KEY, "mariadb")
)

# MySQL's TEXT ends at 64 KiB, and its default character set may lack characters.
_MYSQL_TEXT = mysql.LONGTEXT(charset="utf8mb4")
ANY_TEXT = Text().with_variant(_MYSQL_TEXT, "mysql").with_variant(_MYSQL_TEXT, "mariadb")

# SQLAlchemy 1.4, which Airflow 2.11 and 3.0 bring, cannot subscript its type classes: hence the ignores below.


class _SqliteType(UserDefinedType):  # type: ignore[type-arg]
    """Declared type whose values SQLAlchemy does not convert to ``float`` or to its own format of dates.

    :param declared: the type's name in CREATE TABLE.
    """

    cache_ok = True

    def __init__(self, declared: str) -> None:
        self.declared = declared

    def get_col_spec(self, **_: Any) -> str:
        return self.declared


class UtcTimestamp(TypeDecorator):  # type: ignore[type-arg]
    """An instant; in Python an aware ``datetime``."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of that database."""
        if dialect.name in MYSQL_LIKE:
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        if dialect.name == "sqlite":
            return dialect.type_descriptor(_SqliteType("DATETIME"))
        return dialect.type_descriptor(DateTime(timezone=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], datetime | str | None] | None:
        """Convert to UTC, and to text where the database has no time zones, which drivers process fastest."""
        if dialect.name in WITHOUT_TIME_ZONES:
            return lambda value: None if value is None else instant_as_text(value)
        return super().bind_processor(dialect)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Convert to UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the instant in UTC."""
        if value is None:
            return None
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ExactNumber(TypeDecorator):  # type: ignore[type-arg]
    """A ``Decimal``: every digit on PostgreSQL, 18 after the point elsewhere; for SQLite see the module."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of that database."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(_SqliteType("NUMERIC"))
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Numeric())
        return dialect.type_descriptor(Numeric(38, 18))

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """Convert to digits for SQLite, whose column affinity makes the nearest number that it has of them."""
        if dialect.name == "sqlite":
            return lambda value: None if value is None else number_as_text(value)
        return super().bind_processor(dialect)


class ExactJson(TypeDecorator):  # type: ignore[type-arg]
    """A whole record, as the text of its JSON.

    Select it with a ``CAST`` to text, as :mod:`.merge` does: drivers that decode JSON convert decimals to floats.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return ``jsonb`` on PostgreSQL, otherwise text: MySQL's own JSON converts decimals to floats."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.JSONB())
        if dialect.name in MYSQL_LIKE:
            return dialect.type_descriptor(mysql.LONGTEXT(charset="utf8mb4", collation="utf8mb4_bin"))
        return dialect.type_descriptor(Text())

    def bind_processor(self, dialect: Dialect) -> None:  # noqa: ARG002
        """Send the text as it is: ``JSONB`` would encode it as a JSON string."""
        return
