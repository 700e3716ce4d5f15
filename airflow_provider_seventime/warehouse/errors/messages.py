"""Messages of database failures: what happened, to which table, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Table
from sqlalchemy.engine import Engine

from airflow_provider_seventime.exceptions import ConfigError, SevenTimeError, WarehouseError
from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE
from airflow_provider_seventime.warehouse.errors.classify import DatabaseFailure, FailureKind


@dataclass(frozen=True, slots=True)
class Action:
    """Description of a transaction for its error messages.

    :param doing: what it does, for example ``deleting rows``.
    :param rights: what the user of the database needs on the table for it.
    :param unchanged: the state of the table after a failure.
    """

    doing: str
    rights: str
    unchanged: str = "nothing was written"


def error_of(
    failure: DatabaseFailure, action: Action, table: Table, engine: Engine, *, rejected_record: str | None = None
) -> SevenTimeError:
    """Return the error for a failure.

    :param failure: what the database reported.
    :param action: what the transaction did.
    :param table: the table.
    :param engine: of the database.
    :param rejected_record: the record whose row was rejected; None: unknown.
    """
    reason = failure.reason
    unchanged = "it was done completely or not at all" if failure.committing else action.unchanged
    about = f"table {table.fullname}: "
    match failure.kind:
        case FailureKind.FORBIDDEN:
            return ConfigError(
                f"{about}the database denies {failure.user} a right while {action.doing}: {reason}; {unchanged}. Grant "
                f"it, for example: {_grant(failure, action, table, engine)}"
            )
        case FailureKind.LOGIN:
            return ConfigError(f"{about}the database cannot be opened: {reason}; correct the SQL connection")
        case FailureKind.READ_ONLY:
            return ConfigError(
                f"{about}the database is read-only: {reason}; set the SQL connection to one that can be written"
            )
        case FailureKind.CONTENT:
            return WarehouseError(
                f"{about}the database rejected {rejected_record or 'a row'}: {reason}; {unchanged}. Correct the record "
                "in Seven Time, or the column or constraint that rejects it",
                transient=False,
            )
        case FailureKind.OTHER:
            return WarehouseError(
                f"{about}the database failed while {action.doing}: {reason}; {unchanged}", transient=False
            )
    message = {
        FailureKind.BUSY: f"other transactions blocked every attempt while {action.doing}: {reason}; {unchanged}. "
        "Run again",
        FailureKind.LOST: f"the connection to the database was lost while {action.doing}: {reason}; {unchanged}. "
        "Run again",
        FailureKind.FULL: f"the database has no room left while {action.doing}: {reason}; {unchanged}. Make room "
        "and run again",
        FailureKind.TRANSIENT: f"the database failed while {action.doing}: {reason}; {unchanged}. Run again",
    }
    return WarehouseError(about + message[failure.kind], transient=True)


def _grant(failure: DatabaseFailure, action: Action, table: Table, engine: Engine) -> str:
    """Return the statement that grants the missing right."""
    preparer = engine.dialect.identifier_preparer
    name = preparer.format_table(table)
    if engine.dialect.name in MYSQL_LIKE:
        account, _, host = (failure.user or "").rpartition("@")
        database = "" if table.schema or not engine.url.database else f"{preparer.quote(engine.url.database)}."
        return f"GRANT {action.rights} ON {database}{name} TO '{account}'@'{host}'"
    user = preparer.quote(failure.user or "")
    if "temporary" in failure.reason:
        return f"GRANT TEMPORARY ON DATABASE {preparer.quote(engine.url.database or '')} TO {user}"
    if "owner" in failure.reason:
        return f"ALTER TABLE {name} OWNER TO {user}"
    if "schema" in failure.reason:
        schema = failure.reason.rpartition(" ")[2]
        return f"GRANT USAGE, CREATE ON SCHEMA {preparer.quote(schema)} TO {user}"
    rights = action.rights.removeprefix("CREATE, ALTER, ")  # PostgreSQL grants these on schemas, and to owners
    return f"GRANT {rights} ON {name} TO {user}"
