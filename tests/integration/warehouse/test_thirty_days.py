"""Days of edits in a company: an incremental sync twice a day, and a window every night.

The copy equals the source every evening. ``SEVENTIME_WAREHOUSE_DAYS=30`` simulates a month.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest

from airflow_provider_seventime.api.client import SevenTimeClient
from airflow_provider_seventime.api.settings import read_settings
from airflow_provider_seventime.sandbox.server import SandboxServer
from airflow_provider_seventime.testing import TEST_EXTRA, running_sandbox
from airflow_provider_seventime.transfers.sync.sql_engine import open_engine
from airflow_provider_seventime.transfers.sync.sync_collection import SyncJob, sync_collection
from tests.integration.warehouse.databases import record_of
from tests.sizes import WAREHOUSE_DAYS

HOURS_BETWEEN_SYNCS = 12
EDITS_PER_DAY = 12
# The oldest time logs that users delete, and the window that finds the deletions.
DELETION_WINDOW = timedelta(days=60)
SMALL_PAGES = 100


class Company:
    """Users who log, correct, move, reassign and delete time, and create, rename and delete customers.

    :param sandbox: the account.
    :param client: for the edits.
    :param seed: of the dice.
    """

    def __init__(self, sandbox: SandboxServer, client: SevenTimeClient, seed: int) -> None:
        self._sandbox = sandbox
        self._client = client
        self._now = sandbox.now
        self._dice = random.Random(seed)
        self._users = [user["_id"] for user in sandbox.records("users")]
        self._projects = [project["_id"] for project in sandbox.records("projects")]
        self._created = 0

    def work(self, edits: int) -> None:
        for _ in range(edits):
            self._dice.choice(
                [self._log, self._log, self._log_late, self._correct, self._move, self._reassign, self._delete]
            )()
        self._dice.choice([self._new_customer, self._rename_customer, self._delete_customer])()

    def _log(self) -> None:
        self._create(self._now() - timedelta(minutes=self._dice.randrange(24 * 60)))

    def _log_late(self) -> None:
        self._create(self._now() - timedelta(days=self._dice.randrange(1, 400)))

    def _create(self, begin: datetime) -> None:
        self._created += 1
        self._client.create(
            "timeLogs",
            {
                "user": self._dice.choice(self._users),
                "project": self._dice.choice(self._projects),
                "timestamp": begin,
                "time": f"{self._dice.randrange(1, 40) / 4}",
                "description": f'Nr {self._created}: å, ä \U0001f528 och "citat"',
            },
        )

    def _correct(self) -> None:
        self._update(time=f"{self._dice.randrange(1, 1000) / 100}", description=f"Rättad {self._dice.random()}")

    def _move(self) -> None:
        self._update(timestamp=self._now() - timedelta(hours=self._dice.randrange(200 * 24)))

    def _reassign(self) -> None:
        self._update(project=self._dice.choice(self._projects))

    def _update(self, **changes) -> None:
        one = self._dice.choice(self._sandbox.records("timeLogs"))
        self._client.put("timeLogs", one["_id"], {"user": one["user"], **changes})

    def _delete(self) -> None:
        since = self._now() - DELETION_WINDOW + timedelta(days=2)
        recent = [log for log in self._sandbox.records("timeLogs") if datetime.fromisoformat(log["timestamp"]) > since]
        self._client.delete("timeLogs", self._dice.choice(recent)["_id"])

    def _new_customer(self) -> None:
        self._created += 1
        self._client.create("customers", {"name": f"Kund {self._created} & Söner AB"})

    def _rename_customer(self) -> None:
        one = self._dice.choice(self._sandbox.records("customers"))
        self._client.put("customers", one["_id"], {"name": f"{one['name'][:20]} {self._dice.randrange(100)}"})

    def _delete_customer(self) -> None:
        created = [one for one in self._sandbox.records("customers") if one["name"].startswith("Kund ")]
        if created:
            self._client.delete("customers", self._dice.choice(created)["_id"])


@pytest.fixture
def sandbox():
    with running_sandbox(today=date(2026, 9, 1), time_logs=500) as sandbox:
        sandbox.freeze()
        yield sandbox


@pytest.fixture
def client(sandbox):
    settings, _ = read_settings(
        host=sandbox.base_url,
        password=sandbox.api_key,
        login=sandbox.acting_user_id,
        extra={**TEST_EXTRA, "page_size": SMALL_PAGES},
    )
    with SevenTimeClient(settings) as client:
        yield client


@pytest.fixture
def sync(database, sandbox, client):
    """Return a function that runs a sync on the sandbox's clock."""
    with open_engine("warehouse") as engine:

        def synced(resource, **parameters):
            job = SyncJob(resource=resource, **parameters)
            return sync_collection(client, engine, job, clock=sandbox.now)

        yield synced


def unmarked(database, table):
    """Return the records of the rows that are not marked as deleted."""
    return {row["id"]: record_of(row) for row in database.rows(table) if row.get("deleted_at") is None}


def records_of(sandbox, resource):
    return {record["_id"]: record for record in sandbox.records(resource)}


def test_the_copy_equals_the_source_every_evening(database, sandbox, client, sync):
    company = Company(sandbox, client, seed=20260901)
    modes = []
    for _ in range(WAREHOUSE_DAYS):
        for _ in range(24 // HOURS_BETWEEN_SYNCS):
            company.work(EDITS_PER_DAY * HOURS_BETWEEN_SYNCS // 24)
            sandbox.advance(HOURS_BETWEEN_SYNCS * 3_600)
            changes = sync("timeLogs", mode="incremental")
            modes.append(changes["mode"])
            source = records_of(sandbox, "timeLogs")
            assert {
                key: row for key, row in unmarked(database, "seventime_time_logs").items() if key in source
            } == source

        sync("timeLogs", start=sandbox.now() - DELETION_WINDOW, end=sandbox.now() + timedelta(days=1))
        sync("customers", mode="full", deletions="mark")

        assert unmarked(database, "seventime_time_logs") == records_of(sandbox, "timeLogs")
        assert unmarked(database, "seventime_customers") == records_of(sandbox, "customers")

    assert modes == ["full", *["incremental"] * (len(modes) - 1)]
    marked = database.query("select count(*) from seventime_customers where deleted_at is not null")
    assert marked[0][0] > 0
    before = list(database.rows("seventime_time_logs"))
    again = sync("timeLogs", mode="full", deletions="remove")
    assert (again["rows_written"], again["rows_deleted"]) == (0, 0)
    assert list(database.rows("seventime_time_logs")) == before
