"""Databases that a sync is killed over, read as an analyst does: with SQL, past all of our types."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import Connection, Engine

TABLE = "seventime_time_logs"
COPIES = "seventime_copies"
SYNCED_AT = "synced_at"
WAREHOUSE_ENV = "AIRFLOW_CONN_WAREHOUSE"

Rows = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Copy:
    """Content of a table.

    :param columns: their names.
    :param rows: by id, without ``synced_at``.
    """

    columns: frozenset[str]
    rows: Rows

    def without_column(self, name: str) -> Copy:
        """Return the table as if it never had that column."""
        rows = {
            row_id: {column: value for column, value in row.items() if column != name}
            for row_id, row in self.rows.items()
        }
        return Copy(self.columns - {name}, rows)

    def with_rows(self, changed: Mapping[str, Any]) -> Copy:
        """Return the table with rows put in or over."""
        return Copy(self.columns, {**self.rows, **changed})


class Warehouse(Protocol):
    """A database with one table and the record of whose copy it is, or neither, in it."""

    table: str
    environment: dict[str, str]
    commits_columns: bool
    writes_together: int

    def begin_anew(self) -> None:
        """Make the state that the next task begins with: no table."""

    def begin_with_template(self, *, lacking: str | None = None) -> None:
        """Make the state that the next task begins with: the template, without one column if named."""

    def keep_as_template(self) -> None:
        """Keep the table as it is for later."""

    def copy(self) -> Copy | None:
        """Return what the table holds, leaving everything as a killed try left it; None: there is no table."""

    def check_nothing_else(self) -> None:
        """Fail if there is anything but the table and its record: a third one, a journal, a lock, a session."""


def read_copy(connection: Connection, schema: str | None) -> Copy | None:
    """Return what the table holds; None: there is none."""
    if not inspect(connection).has_table(TABLE, schema=schema):
        return None
    answer = connection.exec_driver_sql(f"select * from {f'{schema}.' if schema else ''}{TABLE}")
    columns = list(answer.keys())
    rows = [dict(zip(columns, row, strict=True)) for row in answer]
    assert all(row.pop(SYNCED_AT) is not None for row in rows)
    return Copy(frozenset(columns), {row["id"]: row for row in rows})


@contextmanager
def engine_for(url: str) -> Iterator[Engine]:
    """Engine that is disposed of at the end."""
    engine = create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


class SqliteWarehouse:
    """A SQLite file.

    :param folder: where it stands.
    """

    table = TABLE
    commits_columns = False
    writes_together = 1

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "warehouse"
        self._path = self._folder / "warehouse.db"
        self._template = folder / "template.db"
        self._looked_at = folder / "looked_at"
        self._url = f"sqlite:///{self._path}"
        self.environment = {WAREHOUSE_ENV: self._url}

    def begin_anew(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()

    def begin_with_template(self, *, lacking: str | None = None) -> None:
        self.begin_anew()
        shutil.copy(self._template, self._path)
        if lacking:
            with engine_for(self._url) as engine, engine.begin() as connection:
                connection.exec_driver_sql(f"alter table {TABLE} drop column {lacking}")

    def keep_as_template(self) -> None:
        shutil.copy(self._path, self._template)

    def copy(self) -> Copy | None:
        # A look at the file itself would roll back what the killed try left in the journal: the next try is to do it.
        shutil.rmtree(self._looked_at, ignore_errors=True)
        shutil.copytree(self._folder, self._looked_at)
        with engine_for(f"sqlite:///{self._looked_at / self._path.name}") as engine, engine.connect() as connection:
            assert connection.exec_driver_sql("pragma integrity_check").scalars().all() == ["ok"]
            assert set(inspect(connection).get_table_names()) <= {TABLE, COPIES}
            return read_copy(connection, None)

    def check_nothing_else(self) -> None:
        assert [path.name for path in self._folder.iterdir()] == [self._path.name]
