"""Properties of the supported databases, by SQLAlchemy's name of the dialect. No SQLAlchemy."""

from __future__ import annotations

MYSQL_LIKE = frozenset({"mysql", "mariadb"})
WITHOUT_TIME_ZONES = frozenset({"sqlite"}) | MYSQL_LIKE
# These have an upsert, which needs ``id`` as the primary key.
WITH_UPSERT = frozenset({"sqlite", "postgresql"}) | MYSQL_LIKE
