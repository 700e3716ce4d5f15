"""Context manager, fixture and marker for users' own tests."""

import json
import os
import subprocess
import sys
from datetime import date

import pytest
import requests

from airflow_provider_seventime.testing import CONN_ENV, connection_json, running_sandbox

TODAY = date(2026, 10, 1)


def get(server, path="/api/2/users"):
    headers = {"Client-Secret": server.api_key, "Accept": "application/json", "Content-Type": "application/json"}
    return requests.get(f"{server.base_url}{path}", headers=headers, timeout=5)


def test_the_connection_points_to_the_sandbox_while_it_runs():
    assert CONN_ENV not in os.environ
    with running_sandbox(today=TODAY) as server:
        connection = json.loads(os.environ[CONN_ENV])
        assert connection == {
            "conn_type": "seventime",
            "host": server.base_url,
            "password": server.api_key,
            "login": server.acting_user_id,
            "extra": {"requests_per_second": 1000, "pacing": "process"},
        }
        assert get(server).status_code == 200
    assert CONN_ENV not in os.environ


def test_an_earlier_connection_is_restored_even_after_an_error(monkeypatch):
    monkeypatch.setenv(CONN_ENV, "seventime://earlier")

    def fail():
        with running_sandbox(today=TODAY) as server:
            assert server.base_url in os.environ[CONN_ENV]
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert os.environ[CONN_ENV] == "seventime://earlier"


def test_options_and_extra_are_passed_on():
    with running_sandbox(today=TODAY, api_key="mine", seed=3, rate_limit=2, extra={"page_size": 10}) as server:
        connection = json.loads(os.environ[CONN_ENV])
        assert (connection["password"], connection["extra"]) == ("mine", {"page_size": 10})
        assert (server.options.seed, server.options.rate_limit) == (3, 2)


def test_there_is_no_rate_limit_by_default():
    with running_sandbox(today=TODAY) as server:
        assert {get(server).status_code for _ in range(20)} == {200}


def test_airflow_reads_the_connection():
    from airflow.models.connection import Connection

    with running_sandbox(today=TODAY) as server:
        connection = Connection.from_json(connection_json(server)) if hasattr(Connection, "from_json") else None
        assert connection is not None
        assert (connection.conn_type, connection.login) == ("seventime", server.acting_user_id)
        assert connection.password == server.api_key
        assert connection.extra_dejson["pacing"] == "process"


def test_the_fixture_runs_a_sandbox(seventime_sandbox):
    assert json.loads(os.environ[CONN_ENV])["host"] == seventime_sandbox.base_url
    assert get(seventime_sandbox).status_code == 200


@pytest.mark.seventime_sandbox(rate_limit=1, today=TODAY, monotonic=lambda: 0.0)
def test_a_marker_sets_options_for_one_test(seventime_sandbox):
    assert [get(seventime_sandbox).status_code for _ in range(2)] == [200, 429]


class TestOverriddenOptions:
    @pytest.fixture
    def seventime_sandbox_options(self):
        return {"today": date(2024, 2, 29), "seed": 11}

    def test_an_overridden_fixture_sets_options(self, seventime_sandbox):
        assert seventime_sandbox.now().date() == date(2024, 2, 29)

    @pytest.mark.seventime_sandbox(seed=12)
    def test_the_marker_overrides_the_fixture(self, seventime_sandbox):
        assert (seventime_sandbox.options.seed, seventime_sandbox.options.today) == (12, date(2024, 2, 29))


def test_outside_pytest_neither_pytest_nor_airflow_is_loaded():
    code = (
        "import sys, airflow_provider_seventime.testing as testing;"
        "assert not {'pytest', 'airflow'} & sys.modules.keys();"
        "assert not hasattr(testing, 'seventime_sandbox')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
