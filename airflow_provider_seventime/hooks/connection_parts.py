"""Parts of Airflow connections: extras, secrets to mask, and Redis connections as URLs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from airflow.providers.common.compat.sdk import AirflowNotFoundException

from airflow_provider_seventime.exceptions import ConfigError

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Connection

REDIS_PORT = 6379
# Extras of Airflow's Redis connections that redis reads from a URL too.
REDIS_TLS_OPTIONS = ("ssl_cert_reqs", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_check_hostname")


@dataclass(repr=False)
class FoundConnections:
    """Airflow connections of a hook. Its ``repr`` shows none of their secrets: tracebacks may print local variables.

    :param connection: the connection to Seven Time.
    :param redis: the Redis connection that its extras name; None: they name none.
    """

    connection: Connection
    redis: Connection | None = None

    def pacing_conn_id(self) -> str | None:
        """Return the id of the Redis connection that the extras name; None: none, or the extras are malformed."""
        try:
            return pacing_conn_id(read_extra(self.connection.extra))
        except ConfigError:
            return None  # extra reports it

    def extra(self) -> Mapping[str, Any]:
        """Return the extras, with the URL of the Redis connection that they name.

        :raises ConfigError: they are malformed, or name a connection that is no Redis connection.
        """
        extra = read_extra(self.connection.extra)
        return extra if self.redis is None else {**extra, "pacing": redis_url(self.redis)}


@contextmanager
def missing_connections() -> Iterator[None]:
    """Convert Airflow's error for a connection that does not exist: another try would not find it either.

    :raises ConfigError: the connection does not exist.
    """
    try:
        yield
    except AirflowNotFoundException as error:
        raise ConfigError(
            f"{error}\nCreate the connection in Airflow, or correct the connection id of the task"
        ) from error.with_traceback(None)


def read_extra(text: str | None) -> Mapping[str, Any]:
    """Return the extras of a connection. Malformed JSON is an error, not an empty object.

    :param text: the extra as it is stored; None: no extras.
    :raises ConfigError: it is not a JSON object.
    """
    if not text or not text.strip():
        return {}
    try:
        extra = json.loads(text)
    except json.JSONDecodeError as error:
        error.doc = ""  # it holds the whole text, secrets included
        raise ConfigError("extra is not JSON. Correct it in the Airflow connection") from error.with_traceback(None)
    if not isinstance(extra, dict):
        raise ConfigError('extra must be a JSON object, for example {"page_size": 500}')
    return extra


def pacing_conn_id(extra: Mapping[str, Any]) -> str | None:
    """Return the id of the Airflow connection that the extra ``pacing`` names; None: it names none."""
    pacing = extra.get("pacing")
    text = pacing.strip() if isinstance(pacing, str) else ""
    return None if text in ("", "machine", "process") or "://" in text else text


def redis_url(connection: Connection) -> str:
    """Return the URL of an Airflow Redis connection, with its password.

    :param connection: a connection of type ``redis``. Its extras may have ``db``, ``ssl`` and the options of TLS.
    :raises ConfigError: it has another type, or no host.
    """
    if connection.conn_type != "redis" or not connection.host:
        raise ConfigError(
            f"pacing: the Airflow connection {connection.conn_id!r} is no Redis connection with a host.\n"
            "Choose one of type redis, or write a redis:// URL, 'machine' or 'process'"
        )
    extra = connection.extra_dejson
    host = f"[{connection.host}]" if ":" in connection.host else connection.host
    user = quote(connection.login or "", safe="")
    password = f":{quote(connection.password, safe='')}@" if connection.password else ("@" if user else "")
    options = {name: extra[name] for name in REDIS_TLS_OPTIONS if extra.get(name)}
    scheme = "rediss" if extra.get("ssl") else "redis"
    query = f"?{urlencode(options)}" if options and scheme == "rediss" else ""
    return f"{scheme}://{user}{password}{host}:{connection.port or REDIS_PORT}/{extra.get('db') or 0}{query}"


def secrets_of(extra: Mapping[str, Any]) -> list[str]:
    """Return the secrets among extras: ``hash_secret``, and the passwords in the URLs of Redis and proxies."""
    proxies = extra.get("proxies")
    urls = [extra.get("pacing"), *(proxies.values() if isinstance(proxies, Mapping) else [])]
    secrets = [extra.get("hash_secret")]
    for url in urls:
        password = _password_in(url) if isinstance(url, str) else None
        secrets += [password, unquote(password or "")]
    return [secret for secret in secrets if isinstance(secret, str) and secret.strip()]


def _password_in(url: str) -> str | None:
    try:
        return urlsplit(url).password
    except ValueError:
        return None
