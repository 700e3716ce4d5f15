"""From an Airflow SQL connection to an SQLAlchemy engine."""

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
    """Yield an engine for the database of a connection, and let go of it at the end.

    :param sql_conn_id: the Airflow connection, of any type whose hook is a ``DbApiHook``.
    :raises ConfigError: there is no such connection, or it is of no SQL database that SQLAlchemy reaches.
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
            f"sql_conn_id {sql_conn_id!r} is a connection of type {hook.conn_type!r}, which is no SQL database"
        )
    try:
        engine: Engine = hook.get_sqlalchemy_engine(engine_kwargs=_options(hook, sql_conn_id))
    except (ImportError, NoSuchModuleError) as error:
        raise ConfigError(f"sql_conn_id {sql_conn_id!r}: SQLAlchemy cannot reach this database: {error}") from error
    except (ArgumentError, TypeError, ValueError) as error:
        unread = type(error).__name__  # SQLAlchemy 1.4 quotes the whole URL here, the password included
    else:
        return engine
    raise ConfigError(
        f"sql_conn_id {sql_conn_id!r}: no URL for SQLAlchemy can be made of this connection ({unread}); check its "
        "host, port and extra"
    )


def _options(hook: DbApiHook, sql_conn_id: str) -> dict[str, Any]:
    options: dict[str, Any] = {
        # SQLAlchemy's errors would quote the rows otherwise, names and notes of people included.
        "hide_parameters": True,
        # Between two uses of a connection lies the reading of the API, in which a firewall may have forgotten it.
        "pool_pre_ping": True,
    }
    ignored = getattr(hook, "ignored_extra_options", None)
    if ignored is not None:
        # PostgreSQL's hook gives the rest to its own connections, but not to those of SQLAlchemy: sslmode, for example.
        extra = BaseHook.get_connection(sql_conn_id).extra_dejson
        options["connect_args"] = {name: value for name, value in extra.items() if name not in ignored}
    return options
