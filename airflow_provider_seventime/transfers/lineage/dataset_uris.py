"""Addresses of collections, tables and files: the URIs of Airflow's assets and the names of OpenLineage.

The URI of a table is the one of its database's provider, see ``airflow.providers.postgres.assets`` and
``airflow.providers.mysql.assets``. OpenLineage's names follow its naming rules, https://openlineage.io/docs/spec/naming.
Databases that neither knows get addresses of the same form. The module uses no network, no Airflow and no SQLAlchemy.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

DEFAULT_PORTS = {"postgres": 5432, "mysql": 3306}
# Airflow accepts every address of a scheme with this prefix. Other schemes belong to the providers that register them.
UNREGISTERED = "x-"
SQLITE_SCHEMA = "main"
IN_MEMORY = frozenset({"", ":memory:"})
SAME_STORE = {"s3a": "s3", "s3n": "s3", "gcs": "gs"}
_PATH_CHARACTERS = "/:@!$&'()*+,;=~"


@dataclass(frozen=True, slots=True)
class Address:
    """Address of a collection, a table, a file or a folder.

    :param uri: of its asset.
    :param namespace: OpenLineage's name of the server or storage.
    :param name: OpenLineage's name of the dataset in it.
    :param provisional: this module does not know the database: its hook may have other rules for OpenLineage's names.
    """

    uri: str
    namespace: str
    name: str
    provisional: bool = False


def collection_address(base_url: str, resource: str) -> Address:
    """Return the address of a collection.

    :param base_url: scheme, host and port of the API.
    :param resource: the API's name of the collection.
    """
    host = base_url.partition("://")[2]
    return Address(f"seventime://{host}/{resource}", f"seventime://{host}", resource)


def table_address(url: URL, default_schema: str | None, table: str) -> Address | None:
    """Return the address of a table.

    :param url: of the database; user and password are ignored.
    :param default_schema: the schema of tables without one, which MySQL calls a database; None: there is none.
    :param table: ``table`` or ``schema.table``.
    :return: None for a database in memory, and if the connection does not name its database.
    """
    given, _, name = table.strip().rpartition(".")
    backend = url.get_backend_name()
    if backend == "sqlite":
        return _sqlite_address(url.database or "", given or SQLITE_SCHEMA, name)
    if backend == "postgresql":
        return _server_address("postgres", url, (url.database, given or default_schema, name))
    if backend in MYSQL_LIKE:
        return _server_address("mysql", url, (given or default_schema, name))
    schema = given or default_schema or ""
    parts = (*(() if "." in schema else (url.database,)), *schema.split("."), name)
    return _server_address(backend, url, tuple(part for part in parts if part))


def file_address(path: str) -> Address:
    """Return the address of a file or a folder.

    :param path: a URL of any object storage, or an absolute local path. The address leaves out the connection id in
        front of a bucket: a reader may use another connection.
    """
    text = path.strip().rstrip("/")
    scheme, _, rest = (f"file://{text}" if text.startswith("/") else text).partition("://")
    if scheme == "file":
        file = _one_slash(rest)
        return Address(f"file://{quote(file, safe=_PATH_CHARACTERS)}", "file", file)
    authority, _, key = rest.partition("/")
    store = f"{SAME_STORE.get(scheme, scheme)}://{authority.rpartition('@')[2]}"
    return Address(f"{store}/{quote(key, safe=_PATH_CHARACTERS)}", store, key)


def _server_address(scheme: str, url: URL, parts: tuple[str | None, ...]) -> Address | None:
    known = [part for part in parts if part]
    if len(known) < len(parts):
        return None
    provisional = scheme not in DEFAULT_PORTS
    authority = _authority(url, DEFAULT_PORTS.get(scheme))
    path = "/".join(quote(part, safe="") for part in known)
    uri = f"{UNREGISTERED if provisional else ''}{scheme}://{authority}/{path}"
    return Address(uri, f"{scheme}://{authority}", ".".join(known), provisional)


def _authority(url: URL, default_port: int | None) -> str:
    host = (url.host or "localhost").lower()
    bracketed = f"[{host}]" if ":" in host else quote(host, safe="")
    port = url.port or default_port
    return f"{bracketed}:{port}" if port else bracketed


def _sqlite_address(database: str, schema: str, table: str) -> Address | None:
    file = database.removeprefix("file:")
    if file in IN_MEMORY:
        return None
    path = _one_slash(os.path.abspath(file))
    uri = (
        f"{UNREGISTERED}sqlite://{quote(path, safe=_PATH_CHARACTERS)}/{quote(schema, safe='')}/{quote(table, safe='')}"
    )
    return Address(uri, f"sqlite://{path}", f"{schema}.{table}")


def _one_slash(path: str) -> str:
    # After two slashes, the first folder would be a host.
    return f"/{path.lstrip('/')}"
