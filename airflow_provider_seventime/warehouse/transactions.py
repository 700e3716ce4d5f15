"""One piece of work on the database, done whole or not at all, and every error of it in the words of this package."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Table, func, select
from sqlalchemy.engine import Connection, Engine
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE
from airflow_provider_seventime.warehouse.errors.classify import DatabaseFailure, Kind, driver_errors, read_failure
from airflow_provider_seventime.warehouse.errors.messages import Work, complaint

ATTEMPTS = 6
FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 5.0

Result = TypeVar("Result")


class Transactions:
    """Runs work on a table in transactions.

    What failed because other transactions were in the way is tried again, a few times.

    :param engine: to the database.
    :param table: the table that the work is about, for the errors.
    :param sleep: waits for so many seconds between two tries.
    """

    def __init__(self, engine: Engine, table: Table, sleep: Callable[[float], None] = time.sleep) -> None:
        self._engine = engine
        self._table = table
        self._sleep = sleep
        self._errors = driver_errors(engine.dialect)

    def read(self, work: Work, action: Callable[[Connection], Result]) -> Result:
        """Return what the action returns; nothing is written.

        :param work: what is being done.
        :param action: takes a connection.
        :raises ConfigError: a right is missing, or the connection is wrong.
        :raises WarehouseError: the database failed.
        """
        return self._run(work, lambda: self._attempt(action, writes=False, keeps=False))

    def write(
        self,
        work: Work,
        action: Callable[[Connection], Result],
        rejected_record: Callable[[], str | None] = lambda: None,
    ) -> Result:
        """Return what the action returns, when all that it wrote is committed.

        :param work: what is being done.
        :param action: takes a connection in a transaction; it is called anew for every try.
        :param culprit: names the record that the database refuses to hold; asked when it refuses one.
        :raises ConfigError: a right is missing, or the connection is wrong.
        :raises WarehouseError: the database failed; nothing of the action was written.
        """
        return self._run(work, lambda: self._attempt(action, writes=True, keeps=True), rejected_record)

    def refuses(self, action: Callable[[Connection], object]) -> bool:
        """Tell whether the database refuses a row that the action writes; nothing is kept of it.

        :param action: as for :meth:`write`.
        """
        try:
            self._attempt(action, writes=True, keeps=False)
        except DatabaseFailure as failure:
            return failure.kind is Kind.CONTENT
        return False

    def _run(
        self, work: Work, attempt: Callable[[], Result], rejected_record: Callable[[], str | None] = lambda: None
    ) -> Result:
        tries = Retrying(
            retry=retry_if_exception(_is_busy),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(multiplier=FIRST_WAIT_SECONDS, max=LONGEST_WAIT_SECONDS),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return tries(attempt)
        except DatabaseFailure as failure:
            named = rejected_record() if failure.kind is Kind.CONTENT else None
            raise complaint(failure, work, self._table, self._engine, rejected_record=named) from failure

    def _attempt(self, action: Callable[[Connection], Result], *, writes: bool, keeps: bool) -> Result:
        connection: Connection | None = None
        ending = False
        try:
            connection = self._engine.connect()
            transaction = connection.begin()
            if writes:
                _prepare_writing(connection)
            result = action(connection)
            if keeps:
                ending = True
                transaction.commit()
        except self._errors as error:
            failure = read_failure(error, self._engine.dialect.name, connected=connection is not None, ending=ending)
            if connection is not None and failure.broken:
                connection.invalidate()  # or closing it would say ROLLBACK into the void, and fail in its turn
            elif connection is not None and failure.kind is Kind.FORBIDDEN:
                transaction.rollback()
                failure.user = str(connection.execute(select(func.current_user())).scalar())
        else:
            return result
        finally:
            if connection is not None:
                connection.close()
        raise failure  # not from the driver's error, which may quote a row; see failures.py


def _is_busy(error: BaseException) -> bool:
    return isinstance(error, DatabaseFailure) and error.kind is Kind.BUSY


def _prepare_writing(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # Python's driver begins at the first write of a row, after what was read to decide on it and outside DDL.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    if connection.dialect.name in MYSQL_LIKE:
        # Without it a text that is too long is cut, and a number that is too large becomes another one.
        connection.exec_driver_sql("SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_ALL_TABLES')")
