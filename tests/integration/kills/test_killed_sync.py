"""Syncs whose worker is killed: the table has whole batches, and in the end equals that of an undisturbed run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations, cycle

import pytest
from sqlalchemy.exc import OperationalError

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.sandbox.server import SandboxServer
from airflow_provider_seventime.testing import connection_json, running_sandbox
from airflow_provider_seventime.warehouse.spool import BATCH_ROWS
from tests.integration.kills.killing import Found, kill_at_random
from tests.integration.kills.mariadb import database_of_its_own
from tests.integration.kills.postgres import CONNECTION, schema_of_its_own
from tests.integration.kills.warehouses import WAREHOUSE_ENV, Copy, SqliteWarehouse

SEPTEMBER = {"start": "2026-09-01", "end": "2026-10-01"}
TIME_LOGS = 2_400
DELETED = ("m00007", "m01003", "m02399")
ADDED = ("m00500a", "m01999a", "m02500")
ADDED_COLUMN = "user_name"


@pytest.fixture
def sandbox():
    with running_sandbox(today=date(2026, 10, 1), time_logs=0) as sandbox:
        yield sandbox


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def warehouse(request, tmp_path, monkeypatch):
    if request.param == "sqlite":
        yield SqliteWarehouse(tmp_path)
        return
    if request.param == "mariadb":
        with database_of_its_own() as made:
            yield made
        return
    monkeypatch.setenv(WAREHOUSE_ENV, CONNECTION)
    with ExitStack() as stack:
        try:
            schema = stack.enter_context(schema_of_its_own())
        except (ConfigError, OperationalError) as error:
            pytest.skip(f"no PostgreSQL on 127.0.0.1:5432, or no driver for it: {error}")
        yield schema


def time_log(record_id, hours):
    return {
        "_id": record_id,
        "timestamp": "2026-09-10T06:00:00.000Z",
        "endTimestamp": None,
        "user": "u1",
        "userName": f"Åsa Öberg {record_id}",
        "time": Decimal(hours),
        "isInvoiced": False,
        "modifiedDate": "2026-09-10T15:00:00.000Z",
    }


def ids():
    return [f"m{number:05}" for number in range(TIME_LOGS)]


def load_earlier(sandbox: SandboxServer) -> None:
    sandbox.load({"timeLogs": [time_log(record_id, "7.25") for record_id in ids()]})


def load_today(sandbox: SandboxServer) -> None:
    """Change every other time log, delete some and add some."""
    sandbox.reset()
    sandbox.advance(3600)  # a reset sets the clock back, and of two readings the newer one is written
    remaining = [record_id for record_id in ids() if record_id not in DELETED]
    changed = [time_log(record_id, "7.25" if number % 2 else "8") for number, record_id in enumerate(remaining)]
    sandbox.load({"timeLogs": changed + [time_log(record_id, "1.5") for record_id in ADDED]})


@dataclass(frozen=True)
class Scenario:
    """Initial state of a table, and every state that a sync of it may leave.

    :param parameters: of the operator.
    :param begin: creates the initial state.
    :param states: possible states of the table, in the order of an undisturbed run.
    """

    parameters: dict[str, str]
    begin: Callable[[], None]
    states: list[Copy | None]


def states_from(start: list[Copy | None], final: Copy, together: int) -> list[Copy | None]:
    """Return the states of a sync: the given ones, one for each batch in order of ``_id``, and the final one.

    If batches are written at the same time, one of them may be present without the batches before it. States with more
    batches come later.
    """
    in_order = sorted(final.rows)
    batches = [
        {row_id: final.rows[row_id] for row_id in in_order[first : first + BATCH_ROWS]}
        for first in range(0, len(in_order), BATCH_ROWS)
    ]
    states = list(start)
    for count in range(1, len(batches) + 1):
        states += [
            start[-1].with_rows({row_id: row for batch in written for row_id, row in batch.items()})
            for written in (combinations(batches, count) if together > 1 else [batches[:count]])
        ]
    return [*states, final] if states[-1] != final else states


def filled_so_far(lacking: Copy, earlier: Copy) -> list[Copy]:
    """Return the committed states of a table while an added column is filled."""
    in_order = sorted(earlier.rows)
    added = {row_id: {**row, ADDED_COLUMN: None} for row_id, row in lacking.rows.items()}
    return [
        Copy(earlier.columns, {**added, **{row_id: earlier.rows[row_id] for row_id in in_order[:filled]}})
        for filled in range(0, len(in_order), BATCH_ROWS)
    ]


class Sync:
    """Task that syncs.

    :param scenario: its initial and possible states.
    :param sandbox: the source.
    :param warehouse: the target.
    """

    def __init__(self, scenario, sandbox, warehouse):
        self.scenario = scenario
        self.sandbox = sandbox
        self.warehouse = warehouse
        self.reached = 0
        scenario.begin()

    def command(self):
        return sync_command(self.sandbox, self.warehouse, self.scenario.parameters)

    def found(self):
        copy = self.warehouse.copy()
        assert copy in self.scenario.states, f"{len(copy.rows) if copy else 'no'} rows, which are not whole batches"
        place = self.scenario.states.index(copy)
        assert place >= self.reached, "a killed try undid rows of an earlier one"
        self.reached = place
        if place == 0:
            return Found.NOTHING
        return Found.ALL if place == len(self.scenario.states) - 1 else Found.PART

    def check(self, result):
        assert self.warehouse.copy() == self.scenario.states[-1]
        assert result["rows_read"] == len(self.scenario.states[-1].rows)
        self.warehouse.check_nothing_else()


def sync_command(sandbox, warehouse, parameters):
    extra = {"requests_per_second": 1000, "page_size": 200}
    return {
        "operator": "airflow_provider_seventime.operators.time_logs:SyncTimeLogsOperator",
        "arguments": {"task_id": "sync", "sql_conn_id": "warehouse", "table": warehouse.table, **parameters},
        "instance": {"dag_id": "copy", "run_id": "r", "task_id": "sync", "map_index": -1},
        "environment": {
            "AIRFLOW_CONN_SEVENTIME_DEFAULT": connection_json(sandbox, extra),
            **warehouse.environment,
        },
    }


def run_undisturbed(worker, sandbox, warehouse, parameters):
    ended = worker.run(sync_command(sandbox, warehouse, parameters), 1)
    assert ended.error is None, ended.error
    return warehouse.copy()


@pytest.fixture
def scenarios(warehouse, worker, sandbox):
    """Return a first sync, a sync of a changed month, and the same with a column that the table lacks."""
    load_earlier(sandbox)
    warehouse.begin_anew()
    earlier = run_undisturbed(worker, sandbox, warehouse, {})
    assert sorted(earlier.rows) == ids()
    warehouse.keep_as_template()
    load_today(sandbox)
    today = run_undisturbed(worker, sandbox, warehouse, SEPTEMBER)
    assert set(today.rows) == {*ids(), *ADDED}.difference(DELETED)
    lacking = earlier.without_column(ADDED_COLUMN)
    together = warehouse.writes_together
    filling = filled_so_far(lacking, earlier) if warehouse.commits_columns else []
    return [
        Scenario({}, warehouse.begin_anew, states_from([None, Copy(today.columns, {})], today, together)),
        Scenario(SEPTEMBER, warehouse.begin_with_template, states_from([earlier], today, together)),
        Scenario(
            SEPTEMBER,
            lambda: warehouse.begin_with_template(lacking=ADDED_COLUMN),
            states_from([lacking, *filling, earlier], today, together),
        ),
    ]


def test_the_table_has_whole_batches_and_ends_as_if_never_killed(warehouse, worker, sandbox, scenarios, kills):
    in_turn = cycle(scenarios)

    tally = kill_at_random(
        worker,
        sandbox,
        lambda: Sync(next(in_turn), sandbox, warehouse),
        kills=kills,
        wanted={Found.NOTHING, Found.PART},
        seed=20261123,
    )

    sys.stdout.write(f"\nsync: {tally}\n")
