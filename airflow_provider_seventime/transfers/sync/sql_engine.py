"""SQLAlchemy engine of an Airflow SQL connection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowException, BaseHook

from airflow_provider_seventime.exceptions import ConfigError

if TYPE_CHECKING:
    from airflow.providers.common.sql.hooks.sql import DbApiHook
    from sqlalchemy.engine import Engine


# Type of connection to the package that has its hook.
PROVIDERS: Mapping[str, str] = {
    "gcpbigquery": "google",
    "gcpcloudsqldb": "google",
    "hiveserver2": "apache-hive",
    "impala": "apache-impala",
    "mssql": "microsoft-mssql",
    "redshift": "amazon",
    **{
        name: name
        for name in (
            "databricks", "exasol", "jdbc", "mysql", "odbc", "oracle", "postgres", "presto", "snowflake", "sqlite",
            "teradata", "trino", "vertica", "ydb",
        )
    },
}  # fmt: skip


def missing_provider(conn_type: str) -> str:
    """Return the advice for a type of connection whose hook Airflow cannot load.

    :param conn_type: the type of the connection.
    """
    known = PROVIDERS.get(conn_type.replace("-", "_"))
    if known is None:
        return (
            f"Install the Airflow provider of connections of type {conn_type!r} where the task runs, or correct the "
            "type: `airflow providers hooks` lists those that are installed."
        )
    return f"Install it where the task runs: pip install apache-airflow-providers-{known}"


@contextmanager
def open_engine(sql_conn_id: str) -> Iterator[Engine]:
    """Yield an engine for the database of a connection, and dispose of it at the end.

    :param sql_conn_id: the Airflow connection, of any type whose hook is a ``DbApiHook``.
    :raises ConfigError: the connection does not exist, the provider of its type is not installed, or SQLAlchemy has no
        dialect for its database.
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
        connection = BaseHook.get_connection(sql_conn_id)
    except AirflowException as error:
        raise ConfigError(f"sql_conn_id {sql_conn_id!r}: {error}") from error
    try:
        hook = connection.get_hook()
    except (AirflowException, ImportError) as error:
        raise ConfigError(
            f"sql_conn_id {sql_conn_id!r}: {error}.\n{missing_provider(str(connection.conn_type))}"
        ) from error
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
