"""Session of the HTTP library: the API key, no redirects, no cookies, and connections with deadlines."""

from __future__ import annotations

from functools import cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar, cast

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from airflow_provider_seventime import __version__
from airflow_provider_seventime.api.http.deadlines import DeadlineConnection

HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "User-Agent": f"airflow-provider-seventime/{__version__}",
}

Manager = TypeVar("Manager", bound=urllib3.PoolManager)


class ClientSecretAuth(AuthBase):
    """Adds the API key to a request, as the header ``Client-Secret``.

    As the session's ``auth`` it also keeps requests from reading credentials from a ``.netrc``.
    """

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers["Client-Secret"] = self._api_key
        return request


class Session(requests.Session):
    """Session that follows no redirect and stores no cookie: the API key alone authenticates a request.

    :param api_key: key of the connection.
    """

    def __init__(self, api_key: str) -> None:
        super().__init__()
        self.headers.update(HEADERS)
        self.auth = ClientSecretAuth(api_key)
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        for scheme in ("http://", "https://"):
            self.mount(scheme, DeadlineAdapter())

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - signature of the base class
        """Return None: for any other value requests reads the whole body of a redirect."""
        return None


class DeadlineAdapter(HTTPAdapter):
    """Adapter whose connections, direct or through a proxy, keep the deadline of a request."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Create the pools of direct connections."""
        super().init_poolmanager(*args, **options)
        _with_deadlines(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **options: Any) -> urllib3.ProxyManager:
        """Return the pools of a proxy."""
        manager: urllib3.ProxyManager = super().proxy_manager_for(*args, **options)
        return _with_deadlines(manager)


def _with_deadlines(manager: Manager) -> Manager:
    pools = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _deadline_pool(pool) for scheme, pool in pools.items()}
    return manager


@cache
def _deadline_pool(pool: type[urllib3.HTTPConnectionPool]) -> type[urllib3.HTTPConnectionPool]:
    """Return a subclass of a pool whose connections keep deadlines. A SOCKS proxy has pool classes of its own."""
    connection = pool.ConnectionCls
    if issubclass(connection, DeadlineConnection):
        return pool
    connection = type(f"Deadline{connection.__name__}", (DeadlineConnection, connection), {})
    name = f"Deadline{pool.__name__}"
    return cast("type[urllib3.HTTPConnectionPool]", type(name, (pool,), {"ConnectionCls": connection}))
