"""SQLAlchemy engine of an Airflow SQL connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowException, BaseHook

from airflow_provider_seventime.exceptions import ConfigError

if TYPE_CHECKING:
    from airflow.providers.common.sql.hooks.sql import DbApiHook
    from sqlalchemy.engine import Engine


@contextmanager
def open_engine(sql_conn_id: str) -> Iterator[Engine]:
    """Yield an engine for the database of a connection, and dispose of it at the end.

    :param sql_conn_id: the Airflow connection, of any type whose hook is a ``DbApiHook``.
    :raises ConfigError: the connection does not exist, or SQLAlchemy has no dialect for its database.
    """
    engine = _engine_of(sql_conn_id)
    try:
        yield engine
    finally:
        engine.dispose()


def _engine_of(sql_conn_id: str) -> Engine:
    from airflow.providers.common.sql.hooks.sql import DbApiHook
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    try:
        hook = BaseHook.get_connection(sql_conn_id).get_hook()
    except AirflowException as error:
        raise ConfigError(f"sql_conn_id {sql_conn_id!r}: {error}") from error
    if not isinstance(hook, DbApiHook):
        raise ConfigError(
            f"sql_conn_id {sql_conn_id!r} is a connection of type {hook.conn_type!r}, which is not an SQL database"
        )
    try:
        engine: Engine = hook.get_sqlalchemy_engine(engine_kwargs=_options(hook, sql_conn_id))
    except (ImportError, NoSuchModuleError) as error:
        raise ConfigError(f"sql_conn_id {sql_conn_id!r}: SQLAlchemy cannot reach this database: {error}") from error
    except (ArgumentError, TypeError, ValueError) as error:
        name = type(error).__name__  # SQLAlchemy 1.4 quotes the whole URL here, the password included
    else:
        return engine
    raise ConfigError(
        f"sql_conn_id {sql_conn_id!r}: the connection gives no valid URL for SQLAlchemy ({name}); check its host, port "
        "and extra"
    )


def _options(hook: DbApiHook, sql_conn_id: str) -> dict[str, Any]:
    options: dict[str, Any] = {
        # Otherwise SQLAlchemy's errors quote rows, with names and notes of people.
        "hide_parameters": True,
        # The API is read between two uses of a connection, and a firewall may drop it meanwhile.
        "pool_pre_ping": True,
    }
    ignored = getattr(hook, "ignored_extra_options", None)
    if ignored is not None:
        # PostgreSQL's hook passes the other extras, such as sslmode, to its own connections, but not to SQLAlchemy.
        extra = BaseHook.get_connection(sql_conn_id).extra_dejson
        options["connect_args"] = {name: value for name, value in extra.items() if name not in ignored}
    return options
