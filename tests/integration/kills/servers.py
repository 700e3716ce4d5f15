"""Common part of the databases with a server that a sync is killed over."""

from __future__ import annotations

import time

from sqlalchemy import inspect
from sqlalchemy.engine import Engine

from tests.integration.kills.warehouses import COPIES, TABLE, Copy, read_copy

TEMPLATES = {TABLE: "template", COPIES: "template_of_copies"}
SETTLE_SECONDS = 30.0


class ServerWarehouse:
    """A schema or database of its own on a server.

    :param engine: to the database.
    :param schema: that the table is in; None: the connection's own.
    :param create_like: makes a ``{table}`` like a ``{template}``.
    :param count_sessions: counts the sessions of tasks.
    """

    commits_columns = False
    writes_together = 2

    def __init__(self, engine: Engine, *, schema: str | None, create_like: str, count_sessions: str) -> None:
        self.environment: dict[str, str] = {}
        self._engine = engine
        self._schema = schema
        self._create_like = create_like
        self._count_sessions = count_sessions
        prefix = f"{schema}." if schema else ""
        self.table = f"{prefix}{TABLE}"
        self._templates = {f"{prefix}{table}": f"{prefix}{template}" for table, template in TEMPLATES.items()}

    def begin_anew(self) -> None:
        self._execute(*(f"drop table if exists {table}" for table in self._templates))

    def begin_with_template(self, *, lacking: str | None = None) -> None:
        self.begin_anew()
        for table, template in self._templates.items():
            self._copy_table(template, table)
        if lacking:
            self._execute(f"alter table {self.table} drop column {lacking}")

    def keep_as_template(self) -> None:
        for table, template in self._templates.items():
            self._copy_table(table, template)

    def copy(self) -> Copy | None:
        self._await_the_end_of_sessions()
        with self._engine.connect() as connection:
            assert set(inspect(connection).get_table_names(schema=self._schema)) <= {*TEMPLATES, *TEMPLATES.values()}
            return read_copy(connection, self._schema)

    def check_nothing_else(self) -> None:
        self._await_the_end_of_sessions()  # and with them of locks and temporary tables

    def _await_the_end_of_sessions(self) -> None:
        # The server notices that a client is dead when it has done what that had asked for.
        deadline = time.monotonic() + SETTLE_SECONDS
        while self._sessions():
            assert time.monotonic() < deadline, "sessions of killed tasks do not end"
            time.sleep(0.002)

    def _sessions(self) -> int:
        with self._engine.connect() as connection:
            return connection.exec_driver_sql(self._count_sessions).scalar_one()

    def _copy_table(self, template: str, table: str) -> None:
        self._execute(
            self._create_like.format(table=table, template=template), f"insert into {table} select * from {template}"
        )

    def _execute(self, *statements: str) -> None:
        with self._engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
