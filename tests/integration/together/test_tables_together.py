"""Tables that two accounts, two collections, two clocks or two filters meet in, on each kind of database."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from airflow_provider_seventime.api.client import SevenTimeClient
from airflow_provider_seventime.api.settings import read_settings
from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.sandbox.server import SandboxServer
from airflow_provider_seventime.testing import TEST_EXTRA
from airflow_provider_seventime.transfers.sync.sync_collection import SyncJob, sync_collection
from tests.unit.warehouse.databases import servers

SEPTEMBER = {"start": date(2026, 9, 1), "end": date(2026, 10, 1)}


class Company:
    """Account of a sandbox, and syncs of it into the database of a test."""

    def __init__(self, sandbox: SandboxServer, conn_id: str) -> None:
        self.sandbox = sandbox
        self.conn_id = conn_id

    def client(self, **extra: Any) -> SevenTimeClient:
        settings, _ = read_settings(
            host=self.sandbox.base_url, password=self.sandbox.api_key, extra={**TEST_EXTRA, **extra}
        )
        return SevenTimeClient(settings, attempts=1)

    def load(self, *time_logs: dict[str, Any]) -> None:
        self.sandbox.load({"timeLogs": list(time_logs)})

    def later(self, seconds: float = 3_600) -> None:
        self.sandbox.advance(seconds)

    def sync(self, engine: Any, **parameters: Any) -> dict[str, Any]:
        job = SyncJob(**{"resource": "timeLogs", "table": "hours", "seventime_conn_id": self.conn_id, **parameters})
        with self.client() as client:
            return sync_collection(client, engine, job, clock=self.sandbox.now)

    def asked(self) -> int:
        """Return how many requests asked for the company since the last call."""
        journal = self.sandbox.journal()
        self.sandbox.clear_journal()
        return sum(entry["path"].endswith("/companyInformation") for entry in journal)

    def read_lists(self) -> list[str]:
        found = [entry["path"] for entry in self.sandbox.journal() if entry["path"].endswith("/timeLogs")]
        self.sandbox.clear_journal()
        return found


def time_log(record_id: str, at: datetime, **fields: Any) -> dict[str, Any]:
    return {
        "_id": record_id,
        "timestamp": "2026-09-10T06:00:00.000Z",
        "user": "u1",
        "time": Decimal("7.25"),
        "isAbsence": False,
        "modifiedDate": format_instant(at),
        **fields,
    }


@pytest.fixture(scope="module")
def two_sandboxes() -> Iterator[tuple[SandboxServer, SandboxServer]]:
    with ExitStack() as running:
        first, second = (
            running.enter_context(SandboxServer(rate_limit=0, time_logs=0, seed=seed, today=date(2026, 10, 1)))
            for seed in (1, 2)
        )
        yield first, second


@pytest.fixture
def companies(two_sandboxes: tuple[SandboxServer, SandboxServer]) -> list[Company]:
    for sandbox in two_sandboxes:
        sandbox.reset()
        sandbox.clear_journal()
    return [Company(sandbox, f"seventime_{number}") for number, sandbox in enumerate(two_sandboxes)]


@pytest.fixture(params=["sqlite", "psycopg2", "mysqlconnector"])
def engine(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Any]:
    with servers.database(request.param, tmp_path) as database:
        opened = database.engine()
        yield opened
        opened.dispose()


def rows(engine: Any, sql: str) -> list[tuple[Any, ...]]:
    with engine.begin() as connection:
        found = connection.execute(text(sql))
        return [tuple(row) for row in found] if found.returns_rows else []


def ids(engine: Any, table: str = "hours") -> list[str]:
    return [row[0] for row in rows(engine, f"select id from {table} order by id")]


def test_another_account_or_collection_is_refused_before_anything_is_read(engine: Any, companies: Any) -> None:
    first, second = companies
    first.load(time_log("a", first.sandbox.now()))
    second.load(time_log("b", second.sandbox.now()))
    first.sync(engine, **SEPTEMBER)
    second.asked()

    with pytest.raises(ConfigError, match=r"hours is the copy of the account .* \(seventime_0\), and seventime_1 is"):
        second.sync(engine, **SEPTEMBER)
    assert second.read_lists() == []
    with pytest.raises(ConfigError, match="so it is a copy of another collection"):
        first.sync(engine, resource="customers", mode="full", deletions="remove")

    assert ids(engine) == ["a"]


def test_the_account_is_asked_for_only_when_the_key_is_new(engine: Any, companies: Any) -> None:
    first, _ = companies
    first.asked()

    first.sync(engine)
    assert first.asked() == 1
    first.sync(engine)
    first.sync(engine, table="other")
    assert first.asked() == 0
    rows(engine, "update seventime_copies set key_digest = 'of another key'")
    first.sync(engine)
    assert first.asked() == 1


def test_a_key_that_may_not_ask_goes_by_its_connection(engine: Any, companies: Any) -> None:
    first, second = companies
    first.sandbox.set_faults([{"kind": "status", "status": 403, "times": 1}])
    first.sync(engine)
    assert rows(engine, "select distinct account, company from seventime_copies") == [
        ("connection seventime_0", "connection seventime_0")
    ]
    with pytest.raises(ConfigError, match="seventime_1 is a connection of the account"):
        second.sync(engine)

    rows(engine, "update seventime_copies set key_digest = 'of another key'")
    first.sync(engine)  # a key that may ask, of the same connection

    assert rows(engine, "select distinct company from seventime_copies") == [("connection seventime_0",)]


def test_accounts_share_a_table_with_an_account_column(engine: Any, companies: Any) -> None:
    first, second = companies
    now = first.sandbox.now()
    first.load(time_log("a", now), time_log("b", now))
    second.load(time_log("b", now, time=Decimal(1)), time_log("c", now))
    first.sync(engine, account="Norrby", **SEPTEMBER)
    second.sync(engine, account="Söderby", **SEPTEMBER)
    with first.client() as client:
        client.delete("timeLogs", "b")

    first.sync(engine, account="Norrby", **SEPTEMBER)

    assert rows(engine, "select account, id from hours order by account, id") == [
        ("Norrby", "a"),
        ("Söderby", "b"),
        ("Söderby", "c"),
    ]
    with pytest.raises(ConfigError, match="hours holds several accounts"):
        first.sync(engine)
    with pytest.raises(ConfigError, match="hours is the copy of the account"):
        second.sync(engine, account="Norrby")
    assert first.sync(engine, account="Norrby", mode="incremental")["mode"] == "full"
    assert first.sync(engine, account="Norrby", mode="incremental")["mode"] == "incremental"
    assert second.sync(engine, account="Söderby", mode="incremental")["mode"] == "full"


def test_the_suggested_sql_adds_the_account_to_an_existing_table(engine: Any, companies: Any) -> None:
    first, second = companies
    first.load(time_log("a", first.sandbox.now()))
    first.sync(engine)

    with pytest.raises(ConfigError, match=r"no account in its key") as refused:
        first.sync(engine, account="Norrby")

    change = re.search(r"change this one: (.*) \(", str(refused.value))
    assert change is not None
    for statement in change[1].split("; "):
        rows(engine, statement)
    first.sync(engine, account="Norrby")
    second.sync(engine, account="Söderby")
    assert rows(engine, "select account, id from hours") == [("Norrby", "a")]


def test_a_table_of_an_earlier_version_is_adopted_once(
    engine: Any, companies: Any, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = companies
    first.load(time_log("a", first.sandbox.now()))
    first.sync(engine)
    rows(engine, "drop table seventime_copies")
    caplog.set_level("INFO")

    first.sync(engine)
    assert "hours was made by an earlier version of this package: it is recorded as the copy of timeLogs" in caplog.text
    caplog.clear()
    first.sync(engine)
    assert "earlier version" not in caplog.text
    with pytest.raises(ConfigError, match="is the copy of the account"):
        second.sync(engine)
    rows(engine, "drop table seventime_copies")
    with pytest.raises(ConfigError, match="so it is a copy of another collection"):
        first.sync(engine, resource="projects", mode="full", deletions="remove")


def test_a_dropped_table_may_become_another_copy(engine: Any, companies: Any) -> None:
    first, second = companies
    first.sync(engine)
    rows(engine, "drop table hours")

    second.sync(engine)

    assert rows(engine, "select distinct seventime_conn_id from seventime_copies") == [("seventime_1",)]


def test_of_two_first_runs_of_two_accounts_one_is_refused(engine: Any, companies: Any) -> None:
    begin = threading.Barrier(2)
    for company in companies:
        company.load(time_log("a" if company is companies[0] else "b", company.sandbox.now()))

    def first_run(company: Company) -> str:
        begin.wait(timeout=30)
        try:
            company.sync(engine)
        except ConfigError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(2) as runs:
        refusals = [found for found in runs.map(first_run, companies) if found]

    assert len(refusals) == 1
    assert "is the copy of the account" in refusals[0]
    assert len(ids(engine)) == 1


def test_a_watermark_in_the_future_counts_as_unknown(
    engine: Any, companies: Any, caplog: pytest.LogCaptureFixture
) -> None:
    first, _ = companies
    first.load(time_log("a", first.sandbox.now()))
    first.sync(engine, mode="incremental")
    rows(engine, "update seventime_copies set watermark = '2126-10-01 00:00:00'")
    first.later()
    first.load(time_log("a", first.sandbox.now(), time=Decimal(1)))

    repaired = first.sync(engine, mode="incremental")

    assert (repaired["mode"], repaired["rows_written"]) == ("full", 1)
    assert "is in the future of Seven Time's clock" in caplog.text
    assert first.sync(engine, mode="incremental")["mode"] == "incremental"


def test_the_clock_of_the_worker_does_not_decide(engine: Any, companies: Any, caplog: pytest.LogCaptureFixture) -> None:
    first, _ = companies
    first.load(time_log("a", first.sandbox.now()))
    job = SyncJob(resource="timeLogs", table="hours", mode="incremental", seventime_conn_id=first.conn_id)
    for days, number in ((30, 1), (-30, 2), (0, 3)):
        ahead = timedelta(days=days)
        with first.client() as client:
            sync_collection(client, engine, job, clock=lambda by=ahead: first.sandbox.now() + by)  # type: ignore[misc]
        first.later()
        first.load(time_log("a", first.sandbox.now(), time=Decimal(number)))

    assert first.sync(engine, mode="incremental")["rows_written"] == 1
    assert rows(engine, "select time from hours") == [(3,)]
    assert re.search(r"259[12]\d{3} s ahead of Seven Time's", caplog.text)
    assert re.search(r"259[12]\d{3} s behind Seven Time's", caplog.text)


def test_a_restored_database_has_no_gap(engine: Any, companies: Any) -> None:
    first, _ = companies
    for number in range(4):
        first.load(time_log(f"{number}", first.sandbox.now()))
        first.later()
        first.sync(engine, mode="incremental")
        if number == 1:
            for table in ("hours", "seventime_copies"):
                rows(engine, f"create table backup_{table} as select * from {table}")
    for table in ("hours", "seventime_copies"):
        rows(engine, f"delete from {table}")
        rows(engine, f"insert into {table} select * from backup_{table}")
    assert ids(engine) == ["0", "1"]

    restored = first.sync(engine, mode="incremental")

    assert (restored["mode"], ids(engine)) == ("incremental", ["0", "1", "2", "3"])


@pytest.mark.parametrize(
    "way", [{"mode": "incremental"}, SEPTEMBER, {"mode": "full"}], ids=["incremental", "window", "full"]
)
@pytest.mark.parametrize("moves", [False, True], ids=["corrected", "corrected-and-moved"])
def test_a_record_that_no_longer_passes_the_filter_loses_its_row(
    engine: Any, companies: Any, way: dict[str, Any], moves: bool
) -> None:
    first, _ = companies
    filters = {"isAbsence": False}
    now = first.sandbox.now()
    first.load(time_log("a", now), time_log("b", now))
    first.sync(engine, filters=filters, mode="full")
    first.later()
    moved = {"timestamp": "2026-05-10T06:00:00.000Z"} if moves else {}
    first.load(time_log("a", first.sandbox.now(), isAbsence=True, description="Läkarbesök", **moved))

    manifest = first.sync(engine, filters=filters, **way)

    assert (ids(engine), manifest["rows_deleted"], manifest["rows_written"]) == (["b"], 1, 0)


def test_an_incremental_filter_without_a_column_is_kept_by_a_table_of_its_own(
    engine: Any, companies: Any, caplog: pytest.LogCaptureFixture
) -> None:
    first, _ = companies
    invoiced = {"filters": {"invoicedDate": "2026-09-30"}, "mode": "incremental"}
    first.load(time_log("a", first.sandbox.now(), invoicedDate="2026-09-29T22:00:00.000Z"))
    first.sync(engine, **invoiced)
    first.sync(engine, table="shared", **invoiced)
    first.sync(engine, table="shared", mode="full")
    first.later()
    first.load(time_log("a", first.sandbox.now(), invoicedDate=None))

    assert first.sync(engine, **invoiced)["rows_deleted"] == 1
    assert first.sync(engine, table="shared", **invoiced)["rows_deleted"] == 0
    assert "records that no longer pass the filter invoicedDate keep their rows" in caplog.text


def test_records_of_another_filter_of_the_table_stay(engine: Any, companies: Any) -> None:
    first, _ = companies
    now = first.sandbox.now()
    first.load(time_log("a", now, project="p1"), time_log("b", now, project="p2"))
    for project in ("p1", "p2"):
        first.sync(engine, filters={"project": project}, mode="incremental")
    first.later()
    first.load(time_log("a", first.sandbox.now(), project="p2"))
    for project in ("p2", "p1"):
        first.sync(engine, filters={"project": project}, mode="incremental")

    assert rows(engine, "select id, project from hours order by id") == [("a", "p2"), ("b", "p2")]


def test_the_record_of_copies_has_the_figures_of_each_mode(engine: Any, companies: Any) -> None:
    first, _ = companies
    first.load(time_log("a", first.sandbox.now()))
    first.sync(engine, mode="full", run_id="run 1")
    first.sync(engine, run_id="run 2", **SEPTEMBER)

    found = rows(
        engine,
        "select mode, collection, filters, rows_read, rows_written, rows_deleted, deletions, run_id, watermark is null "
        "from seventime_copies order by mode",
    )
    assert [(*row[:-1], bool(row[-1])) for row in found] == [
        ("full", "timeLogs", "{}", 1, 1, 0, "not asked", "run 1", False),
        ("window", "timeLogs", "{}", 1, 0, 0, "done", "run 2", True),
    ]
