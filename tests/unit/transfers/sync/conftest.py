"""A sandbox as the source and a SQLite file as the target of a sync."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs

import pytest
from sqlalchemy import create_engine

from airflow_provider_seventime.api.client import SevenTimeClient
from airflow_provider_seventime.api.settings import read_settings
from airflow_provider_seventime.testing import TEST_EXTRA
from airflow_provider_seventime.transfers.sync.sync_collection import SyncJob, sync_collection

SEPTEMBER = {"start": date(2026, 9, 1), "end": date(2026, 10, 1)}
EVERYTHING = "select * from seventime_time_logs order by id"


class Account:
    """Sandbox whose records a test changes, and the requests that it received."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self._clients = []

    def client(self, attempts=1, **extra):
        """Return a client. It makes one attempt by default, so that no test waits."""
        settings, _ = read_settings(
            host=self.sandbox.base_url,
            password=self.sandbox.api_key,
            port=None,
            login=self.sandbox.acting_user_id,
            extra={**TEST_EXTRA, **extra},
        )
        self._clients.append(SevenTimeClient(settings, attempts=attempts))
        return self._clients[-1]

    def load(self, *time_logs):
        self.sandbox.load({"timeLogs": list(time_logs)})

    def remove(self, *ids):
        client = self.client()
        for record_id in ids:
            client.delete("timeLogs", record_id)

    def fail(self, fault, after=0):
        """Let one request fail, after ``after`` requests that succeed."""
        delays = [{"kind": "delay", "times": after}] if after else []
        self.sandbox.set_faults([*delays, fault])

    def requests(self, *, counts=False):
        """Return the requests since the last call as path and query.

        :param counts: include requests for a count. The request for the account's name is left out.
        """
        received = [
            (
                entry["path"].removeprefix("/api/2/"),
                {name: value[0] for name, value in parse_qs(entry["query"]).items()},
            )
            for entry in self.sandbox.journal()
            if not entry["path"].endswith("/companyInformation")
        ]
        self.sandbox.clear_journal()
        return [(path, query) for path, query in received if counts or query.get("limit") != "1"]

    def close(self):
        for client in self._clients:
            client.close()


class Warehouse:
    """Database of the copy, read with plain SQL and without the types of this package."""

    def __init__(self, engine, account):
        self.engine = engine
        self._account = account

    def sync(self, client=None, *, clock=None, **parameters):
        job = SyncJob(**{"resource": "timeLogs", **parameters})
        given = {"clock": clock} if clock else {}
        return sync_collection(client or self._account.client(), self.engine, job, **given)

    def sync_september(self, client=None, **parameters):
        return self.sync(client, **SEPTEMBER, **parameters)

    def query(self, sql):
        with self.engine.begin() as connection:
            result = connection.exec_driver_sql(sql)
            return [tuple(row) for row in result] if result.returns_rows else []

    def ids(self, where="1 = 1"):
        return [row[0] for row in self.query(f"select id from seventime_time_logs where {where} order by id")]

    def everything(self):
        return self.query(EVERYTHING)


@pytest.fixture
def seventime_sandbox_options():
    return {"time_logs": 0, "today": date(2026, 10, 1)}


@pytest.fixture
def account(seventime_sandbox):
    account = Account(seventime_sandbox)
    yield account
    account.close()


@pytest.fixture
def warehouse(tmp_path, account):
    engine = create_engine(f"sqlite:///{tmp_path / 'warehouse.db'}", hide_parameters=True)
    yield Warehouse(engine, account)
    engine.dispose()


@pytest.fixture
def time_log():
    def make(record_id, timestamp="2026-09-10T06:00:00.000Z", **fields):
        return {
            "_id": record_id,
            "timestamp": timestamp,
            "endTimestamp": None,
            "user": "u1",
            "userName": "Åsa Öberg",
            "time": Decimal("7.25"),
            "isInvoiced": False,
            "modifiedDate": "2026-09-10T15:00:00.000Z",
            **fields,
        }

    return make


@pytest.fixture
def time_logs(time_log):
    """Return time logs with the ids ``m000``, ``m001`` and so on."""

    def make(number, first=0, **fields):
        return [time_log(f"m{index:03}", **fields) for index in range(first, number)]

    return make
