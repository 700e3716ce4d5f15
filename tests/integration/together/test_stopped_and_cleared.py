"""A running batch is marked as failed and cleared in a real Airflow: no record is created twice, and none is lost.

``SEVENTIME_TOGETHER_CLEARS=50 make test ARGS="tests/integration/together/test_stopped_and_cleared.py -n 0 -s"`` does it
more often, with PostgreSQL, and prints a line for each.
"""

from __future__ import annotations

import json
import random
import shutil
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from airflow_provider_seventime.sandbox.server import SandboxServer
from tests.integration.real_airflow.airflow import IS_AIRFLOW_2, Airflow
from tests.integration.together.conftest import wait_for_post
from tests.sizes import TOGETHER_CLEARS

DAGS = Path(__file__).with_name("dags")
DAG_ID, TASK_ID = "stopped_and_cleared", "create"
POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres"
ASYNC_SQLITE = "sqlite+aiosqlite:"
AT_ONCE = 4
INVOICES = 110
REQUESTS_PER_SECOND = 10
# The mark comes before so many invoices are created. Airflow's signal comes up to five seconds later, or more on a busy
# machine, and the batch should not have ended by then.
LATEST_MARK = 30
LONGEST_PAUSE_SECONDS = 8.0
# A task that was marked as failed ends a few seconds later.
END_OF_TASK_SECONDS = 30.0
LONGEST_ROUND_SECONDS = 300.0
# A request that was sent before the signal arrives at the server within this time, on a busy machine.
ARRIVAL_SECONDS = 1.0
SEED = 20261130


@dataclass(frozen=True)
class Account:
    """Connection and account that one run at a time creates invoices in."""

    conn_id: str
    server: SandboxServer


@dataclass(frozen=True)
class Played:
    """Result of one round.

    :param number: of the round.
    :param created_at_mark: invoices that existed when the task was marked.
    :param pause_seconds: time between the mark and the clearing.
    :param stop_seconds: time between the mark and the signal. None: the batch had ended before.
    :param copies: how many invoices there are of each.
    :param late: requests of the stopped try that arrived after its signal.
    :param beside: requests of the first try before its signal, while the next one already sent.
    :param mixed: requests of a connection after those of a later one, since the signal.
    """

    number: int
    created_at_mark: int
    pause_seconds: float
    stop_seconds: float | None
    copies: Counter[str]
    late: int
    beside: int
    mixed: int

    def __str__(self) -> str:
        duplicates = sum(count - 1 for count in self.copies.values())
        signal = "no signal" if self.stop_seconds is None else f"signal {self.stop_seconds:.1f} s"
        return (
            f"round {self.number}: marked after {self.created_at_mark}, {signal} and clearing {self.pause_seconds:.1f} "
            f"s later; {duplicates} duplicates, {INVOICES - len(self.copies)} lost; requests after the signal: "
            f"{self.late}, before it and beside the next try: {self.beside}"
        )


def invoices(customer):
    row = {"itemType": "general", "name": "Arbete", "numberOfItems": "1", "unitPrice": "500"}
    fields = {"customer": customer, "language": "SV", "invoiceDate": "2026-09-30", "invoiceItems": [row]}
    return [{**fields, "marking": f"nr {number}"} for number in range(INVOICES)]


@pytest.fixture(scope="module")
def accounts():
    with ExitStack() as stack:
        made = []
        for number in range(min(AT_ONCE, TOGETHER_CLEARS)):
            key = f"key-{uuid.uuid4()}"
            server = stack.enter_context(SandboxServer(rate_limit=0, today=date(2026, 10, 1), time_logs=0, api_key=key))
            made.append(Account(f"seventime_{number}", server))
        yield made


@pytest.fixture(scope="module")
def stops(tmp_path_factory):
    return tmp_path_factory.mktemp("stops")


@pytest.fixture(scope="module")
def database(request, accounts, tmp_path_factory):
    """URL of a database for Airflow, and whether it has Airflow's tables."""
    if not IS_AIRFLOW_2 and len(accounts) == 1:
        file = tmp_path_factory.mktemp("metadata") / "airflow.db"
        shutil.copy(request.getfixturevalue("migrated_database"), file)
        yield f"sqlite:///{file}", True
        return
    # The LocalExecutor of Airflow 2 refuses SQLite, and several runs at once would wait for SQLite's lock.
    from tests.integration.real_airflow.services import new_databases

    databases = new_databases(POSTGRES, "cleared")
    try:
        (url,) = databases.__enter__()
    except SystemExit as error:
        pytest.skip(str(error))
    with ExitStack() as stack:
        stack.push(databases.__exit__)
        yield url.render_as_string(hide_password=False), False


@pytest.fixture(scope="module")
def airflow(accounts, database, stops, tmp_path_factory):
    url, is_migrated = database
    connections = {
        f"AIRFLOW_CONN_{account.conn_id.upper()}": json.dumps(
            {
                "conn_type": "seventime",
                "host": account.server.base_url,
                "password": account.server.api_key,
                "login": account.server.acting_user_id,
                "extra": {"requests_per_second": REQUESTS_PER_SECOND},
            }
        )
        for account in accounts
    }
    customer = accounts[0].server.records("customers")[0]["_id"]
    variables = {
        **connections,
        # Airflow's default driver, asyncpg, is not among the dependencies of the tests.
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": url.replace("+psycopg2", "+psycopg").replace(
            "sqlite:", ASYNC_SQLITE
        ),
        "AIRFLOW__CORE__PARALLELISM": str(2 * len(accounts)),  # each try in a process: the first may end after the next
        "SEVENTIME_STOPS": str(stops),
        "SEVENTIME_INVOICES": json.dumps(invoices(customer)),
    }
    folder = tmp_path_factory.mktemp("airflow")
    with Airflow(
        folder=folder, database=url, is_migrated=is_migrated, dags=DAGS, executor="LocalExecutor", variables=variables
    ) as airflow:
        yield airflow


def play(number, airflow, account, stops):
    """Run the batch, mark it as failed at a random moment, clear it, and wait for its end."""
    dice = random.Random(SEED + number)
    api, server = airflow.api(), account.server
    api.await_dag(DAG_ID)
    server.clear_journal()
    before = {record["_id"] for record in server.records("invoices")}
    signal = stops / f"{account.conn_id}-1"
    signal.unlink(missing_ok=True)
    run_id = api.trigger(DAG_ID, {"conn_id": account.conn_id})
    wait_for_post(server, dice.randint(1, LATEST_MARK))
    api.mark_failed(DAG_ID, run_id, TASK_ID)
    marked_at = time.monotonic()
    created_at_mark = len(server.records("invoices")) - len(before)
    pause_seconds = dice.uniform(0, LONGEST_PAUSE_SECONDS)
    time.sleep(pause_seconds)
    clear_and_await_end(api, run_id)
    while not signal.exists() and time.monotonic() < marked_at + END_OF_TASK_SECONDS:
        time.sleep(0.1)
    signal_at = float(signal.read_text()) if signal.exists() else time.monotonic()
    time.sleep(max(0.0, signal_at + ARRIVAL_SECONDS - time.monotonic()))
    late, beside, mixed = requests_of_the_stopped_try(server.journal(), signal_at)
    stop_seconds = signal_at - marked_at if signal.exists() else None
    created = [record for record in server.records("invoices") if record["_id"] not in before]
    copies = Counter(str(record["marking"]) for record in created)
    played = Played(number, created_at_mark, pause_seconds, stop_seconds, copies, late, beside, mixed)
    print(played, flush=True)  # noqa: T201 - the figures are the result
    return played


def clear_and_await_end(api, run_id):
    """Clear the task, and wait until a later try has succeeded."""
    ends_at = time.monotonic() + LONGEST_ROUND_SECONDS
    api.clear(DAG_ID, run_id, TASK_ID)
    while api.await_end(DAG_ID, run_id)["state"] != "success":
        # Airflow's scheduler may set the run to failed at the moment of the clearing, and then never starts the task.
        # In Airflow 2, the end of the first try may mark the next one as failed. A person then clears it again.
        task = api.task(DAG_ID, run_id, TASK_ID)
        assert task["state"] is None or IS_AIRFLOW_2, task
        assert time.monotonic() < ends_at, task
        api.clear(DAG_ID, run_id, TASK_ID)


def requests_of_the_stopped_try(journal, signal_at):
    """Return how many requests the first try sent after its signal, how many beside the next try, and how many mixed.

    The first connection is that of the first try. Since the signal no connection may send after a later one has.
    """
    connections = [entry["connection"] for entry in journal]
    first = connections[0]
    late = [entry for entry in journal if entry["monotonic_seconds"] > signal_at and entry["connection"] == first]
    since = [entry["connection"] for entry in journal if entry["monotonic_seconds"] > signal_at]
    mixed = sum(
        since[place] in since[: place - 1] for place in range(1, len(since)) if since[place] != since[place - 1]
    )
    next_begins = next((place for place, one in enumerate(connections) if one != first), len(connections))
    beside = connections[next_begins:].count(first) - len(late)
    assert all(entry["monotonic_seconds"] < signal_at + ARRIVAL_SECONDS for entry in late), late
    return len(late), max(0, beside), mixed


def test_a_batch_that_is_marked_as_failed_and_cleared(airflow, accounts, stops):
    def play_on(index):
        return [
            play(number, airflow, accounts[index], stops) for number in range(index, TOGETHER_CLEARS, len(accounts))
        ]

    with ThreadPoolExecutor(len(accounts)) as pool:
        rounds = [played for part in pool.map(play_on, range(len(accounts))) for played in part]
    for played in sorted(rounds, key=lambda played: played.number):
        assert played.copies == {f"nr {number}": 1 for number in range(INVOICES)}, played
        # The request that was under way at the signal, if there was one, and no other.
        assert played.late <= 1, played
        assert played.mixed == 0, played
