"""Sandbox and Airflow connection for the tests of your own DAGs, as a pytest fixture and as a context manager.

In a ``conftest.py``::

    pytest_plugins = ["airflow_provider_seventime.testing"]

In a test::

    def test_my_dag(seventime_sandbox):
        seventime_sandbox.pay_after(0)
        ...

A sandbox for tests has no rate limit, and its connection allows 1000 requests per second, so that tests do not wait. To
test with a rate limit, override the fixture ``seventime_sandbox_options``, or mark a test with
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

    :param server: the sandbox.
    :param extra: the connection's extra. None: 1000 requests per second, with the rate limit kept in the process.
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


def forget_writes() -> None:
    """Forget what this process created. Call it between tests that reset one sandbox and use the same references.

    Without it, a create searches up to three minutes for a record that this process created with the same reference
    and that the sandbox no longer has: a real list may lag behind a write.
    """
    from airflow_provider_seventime.api.writing.note_stores import forget_process_notes  # noqa: PLC0415 - not at import

    forget_process_notes()


@contextmanager
def running_sandbox(*, extra: dict[str, Any] | None = None, **options: Any) -> Iterator[SandboxServer]:
    """Run a sandbox. Within the context the connection ``seventime_default`` points to it.

    ::

        with running_sandbox() as sandbox:
            sandbox.load({"customers": [...]})

    :param extra: the connection's extra. None: 1000 requests per second, with the rate limit kept in the process.
    :param options: options of :class:`~airflow_provider_seventime.sandbox.server.SandboxServer`. ``rate_limit``
        defaults to 0, no limit.
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


if "pytest" in sys.modules:  # as a plugin of pytest; the context manager alone does not need pytest
    import pytest

    def pytest_configure(config: pytest.Config) -> None:
        """Register the marker ``seventime_sandbox``."""
        config.addinivalue_line("markers", "seventime_sandbox(**options): options of the fixture seventime_sandbox")

    @pytest.fixture
    def seventime_sandbox_options() -> dict[str, Any]:
        """Return the options of ``seventime_sandbox``. Override this fixture for a module or a whole suite."""
        return {}

    @pytest.fixture
    def seventime_sandbox(
        request: pytest.FixtureRequest, seventime_sandbox_options: dict[str, Any]
    ) -> Iterator[SandboxServer]:
        """Run a sandbox for one test. During the test the connection ``seventime_default`` points to it."""
        marker = request.node.get_closest_marker("seventime_sandbox")
        with running_sandbox(**{**seventime_sandbox_options, **(marker.kwargs if marker else {})}) as server:
            yield server
