"""From a failure of the database to the error that a user reads: what happened, to which table, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Table
from sqlalchemy.engine import Engine

from airflow_provider_seventime.exceptions import ConfigError, SevenTimeError, WarehouseError
from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE
from airflow_provider_seventime.warehouse.errors.classify import DatabaseFailure, Kind


@dataclass(frozen=True, slots=True)
class Work:
    """What a transaction does, in the words of an error.

    :param doing: what was going on.
    :param rights: what the user of the database needs on the table for it.
    :param unchanged: what the table is like when it failed.
    """

    doing: str
    rights: str
    unchanged: str = "nothing was written"


def complaint(
    failure: DatabaseFailure, work: Work, table: Table, engine: Engine, *, rejected_record: str | None = None
) -> SevenTimeError:
    """Return the error for a failure.

    :param failure: what the database said.
    :param work: what was being done.
    :param table: to which table.
    :param engine: of the database.
    :param culprit: the record whose row was refused; None: it is not known.
    """
    reason = failure.reason
    unchanged = "it was done whole or not at all" if failure.ending else work.unchanged
    about = f"table {table.fullname}: "
    match failure.kind:
        case Kind.FORBIDDEN:
            return ConfigError(
                f"{about}the database does not let {failure.user} do this: {reason}; {unchanged}. Let it be granted, "
                f"for example: {_grant(failure, work, table, engine)}"
            )
        case Kind.LOGIN:
            return ConfigError(f"{about}the database cannot be opened: {reason}; correct the SQL connection")
        case Kind.READ_ONLY:
            return ConfigError(f"{about}the database is open for reading only: {reason}; give one that can be written")
        case Kind.CONTENT:
            what = rejected_record or "a row"
            return WarehouseError(
                f"{about}the database refused {what}: {reason}; {unchanged}. Correct the record in Seven Time, or the "
                "column or constraint that it does not fit",
                transient=False,
            )
    transient = {
        Kind.BUSY: f"other transactions were in the way each time while {work.doing}: {reason}; {unchanged}. Run again",
        Kind.LOST: f"the connection to the database was lost while {work.doing}: {reason}; {unchanged}. Run again",
        Kind.FULL: f"the database has no room left while {work.doing}: {reason}; {unchanged}. Make room and run again",
        Kind.PASSING: f"the database failed while {work.doing}: {reason}; {unchanged}. Run again",
    }
    if failure.kind in transient:
        return WarehouseError(about + transient[failure.kind], transient=True)
    return WarehouseError(f"{about}the database failed while {work.doing}: {reason}; {unchanged}", transient=False)


def _grant(failure: DatabaseFailure, work: Work, table: Table, engine: Engine) -> str:
    """Return the statement that gives what was missing."""
    preparer = engine.dialect.identifier_preparer
    name = preparer.format_table(table)
    if engine.dialect.name in MYSQL_LIKE:
        account, _, host = (failure.user or "").rpartition("@")
        database = "" if table.schema or not engine.url.database else f"{preparer.quote(engine.url.database)}."
        return f"GRANT {work.rights} ON {database}{name} TO '{account}'@'{host}'"
    user = preparer.quote(failure.user or "")
    if "temporary" in failure.reason:
        return f"GRANT TEMPORARY ON DATABASE {preparer.quote(engine.url.database or '')} TO {user}"
    if "owner" in failure.reason:
        return f"ALTER TABLE {name} OWNER TO {user}"
    if "schema" in failure.reason:
        schema = failure.reason.rpartition(" ")[2]
        return f"GRANT USAGE, CREATE ON SCHEMA {preparer.quote(schema)} TO {user}"
    rights = work.rights.removeprefix("CREATE, ALTER, ")  # which PostgreSQL gives on schemas, and to owners
    return f"GRANT {rights} ON {name} TO {user}"
