"""Column types that keep what the API sent: instants in UTC, decimals with their digits, JSON with its numbers.

SQLite has neither a decimal nor a timestamp type. There a number is stored in a column of NUMERIC affinity, which keeps
about fifteen digits, and an instant as text in UTC that sorts, ``YYYY-MM-DD HH:MM:SS.ffffff``; the exact digits
stand in the column ``record`` as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import DateTime, Numeric, String, Text
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE, WITHOUT_TIME_ZONES

# A record's ``_id``: an opaque text that tells upper from lower case. Most databases take no unbounded text as a key.
_LONGEST_KEY = 255
_MYSQL_KEY = mysql.VARCHAR(_LONGEST_KEY, charset="utf8mb4", collation="utf8mb4_bin")
RECORD_ID = (
    String(_LONGEST_KEY)
    .with_variant(Text(), "postgresql")
    .with_variant(Text(), "sqlite")
    .with_variant(_MYSQL_KEY, "mysql")
    .with_variant(_MYSQL_KEY, "mariadb")
)

# MySQL's plain text ends at 64 KiB, and holds what the character set of its database does.
_MYSQL_TEXT = mysql.LONGTEXT(charset="utf8mb4")
ANY_TEXT = Text().with_variant(_MYSQL_TEXT, "mysql").with_variant(_MYSQL_TEXT, "mariadb")

# SQLAlchemy 1.4, which Airflow 2.11 and 3.0 bring, cannot subscript its type classes: hence the ignores below.


class _SqliteType(UserDefinedType):  # type: ignore[type-arg]
    """A declared type without SQLAlchemy's way through float or through its own format of dates.

    :param declared: what stands in CREATE TABLE.
    """

    cache_ok = True

    def __init__(self, declared: str) -> None:
        self.declared = declared

    def get_col_spec(self, **_: Any) -> str:
        return self.declared


def instant_as_text(value: datetime | None) -> str | None:
    """Return an instant as databases without zones keep it: in UTC, ``YYYY-MM-DD HH:MM:SS.ffffff``."""
    if value is None:
        return None
    in_utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    return in_utc.isoformat(" ", "microseconds").removesuffix("+00:00")


class UtcTimestamp(TypeDecorator):  # type: ignore[type-arg]
    """An instant; an aware ``datetime`` on our side."""

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
        """Hand the instant over in UTC, and as text where the database keeps no zone: drivers take that fastest."""
        return instant_as_text if dialect.name in WITHOUT_TIME_ZONES else super().bind_processor(dialect)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Hand the instant over in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the instant in UTC."""
        if value is None:
            return None
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def number_as_text(value: Decimal | None) -> str | None:
    """Return a number's digits, which SQLite takes for the nearest number that it has."""
    return None if value is None else format(value, "f")


class ExactNumber(TypeDecorator):  # type: ignore[type-arg]
    """A ``Decimal``: every digit on PostgreSQL, 18 after the point elsewhere; for SQLite see above."""

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
        """Hand the number over; to SQLite as its digits, which the column's affinity turns into a number."""
        return number_as_text if dialect.name == "sqlite" else super().bind_processor(dialect)


class ExactJson(TypeDecorator):  # type: ignore[type-arg]
    """A whole record as JSON whose numbers keep their digits; read it as text, see ``CAST`` in :mod:`.merge`.

    What is handed over is the JSON itself, or the record that it is made of.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return ``jsonb`` where there is one, else text: MySQL's own JSON would turn decimals into floats."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.JSONB())
        if dialect.name in MYSQL_LIKE:
            return dialect.type_descriptor(mysql.LONGTEXT(charset="utf8mb4", collation="utf8mb4_bin"))
        return dialect.type_descriptor(Text())

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str | None]:  # noqa: ARG002
        """Write the JSON ourselves: the type beneath knows no ``Decimal``."""
        return lambda value: value if value is None or isinstance(value, str) else exact_json.encode(value).decode()
