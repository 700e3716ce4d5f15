"""Seven Time in your own tests: a running sandbox and the Airflow connection to it.

In a ``conftest.py``::

    pytest_plugins = ["airflow_provider_seventime.testing"]

and in a test::

    def test_my_dag(seventime_sandbox):
        seventime_sandbox.pay_after(0)
        ...

A sandbox for tests has no rate limit, and its connection a high budget of requests, so that tests do not wait. Where a
test is about the limit, ask for it: override the fixture ``seventime_sandbox_options``, or mark the one test with
``@pytest.mark.seventime_sandbox(rate_limit=4)``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from airflow_provider_seventime.sandbox.server import SandboxServer

CONN_ENV = "AIRFLOW_CONN_SEVENTIME_DEFAULT"
TEST_EXTRA: dict[str, Any] = {"requests_per_second": 1000, "pacing": "process"}


def connection_json(server: SandboxServer, extra: dict[str, Any] | None = None) -> str:
    """Return the Airflow connection to a running sandbox, in Airflow's JSON form.

    :param extra: the connection's extra; None: a budget that makes no test wait.
    """
    return json.dumps(
        {
            "conn_type": "seventime",
            "host": server.base_url,
            "password": server.api_key,
            "login": server.acting_user_id,
            "extra": TEST_EXTRA if extra is None else extra,
        }
    )


@contextmanager
def running_sandbox(*, extra: dict[str, Any] | None = None, **options: Any) -> Iterator[SandboxServer]:
    """Run a sandbox, with the connection ``seventime_default`` pointing to it while the context lasts.

    :param extra: the connection's extra, in place of 1000 requests per second paced within the process.
    :param options: those of :class:`~airflow_provider_seventime.sandbox.server.SandboxServer`; ``rate_limit`` is 0
        unless given.
    """
    with SandboxServer(**{"rate_limit": 0, **options}) as server:
        before = os.environ.get(CONN_ENV)
        os.environ[CONN_ENV] = connection_json(server, extra)
        try:
            yield server
        finally:
            if before is None:
                del os.environ[CONN_ENV]
            else:
                os.environ[CONN_ENV] = before


if "pytest" in sys.modules:  # loaded as a plugin: elsewhere the module needs no pytest
    import pytest

    def pytest_configure(config: pytest.Config) -> None:
        """Make the marker known."""
        config.addinivalue_line("markers", "seventime_sandbox(**options): options of the fixture seventime_sandbox")

    @pytest.fixture
    def seventime_sandbox_options() -> dict[str, Any]:
        """Return the options of ``seventime_sandbox``; override it to set them for a module or a whole suite."""
        return {}

    @pytest.fixture
    def seventime_sandbox(
        request: pytest.FixtureRequest, seventime_sandbox_options: dict[str, Any]
    ) -> Iterator[SandboxServer]:
        """Run a sandbox of its own for a test; the connection ``seventime_default`` points to it meanwhile."""
        marker = request.node.get_closest_marker("seventime_sandbox")
        with running_sandbox(**{**seventime_sandbox_options, **(marker.kwargs if marker else {})}) as server:
            yield server
