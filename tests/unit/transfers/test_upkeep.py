"""Which way of keeping up is best for each collection follows from the contract."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import CollectionSpec, Filter, FilterKind, Window
from airflow_provider_seventime.transfers.reading.plan import plan_sync
from airflow_provider_seventime.transfers.sync.strategy import SyncStrategy, sync_strategies, sync_strategy_of

TOLD = {"lastModified": Filter(FilterKind.TIME)}
BY_DATE = Window("timestamp", "fromDate", "toDate")
SPAN = {"start": datetime(2026, 9, 1, tzinfo=UTC), "end": datetime(2026, 10, 1, tzinfo=UTC)}
SINCE = {"modified_since": datetime(2026, 9, 1, tzinfo=UTC)}
NEEDED: dict[str, dict[str, Any]] = {"full": {}, "incremental": SINCE, "window": SPAN}


@pytest.mark.parametrize(
    ("filters", "window", "changes", "deletions"),
    [
        pytest.param(TOLD, BY_DATE, "incremental", "window", id="told-and-dated"),
        pytest.param(TOLD, None, "incremental", "full", id="told"),
        # What is edited outside the window would be missed: an invoice of last year is paid today.
        pytest.param({}, BY_DATE, "full", "full", id="dated"),
        pytest.param({}, None, "full", "full", id="neither"),
    ],
)
def test_what_the_api_tells_decides(filters, window, changes, deletions):
    resource = CollectionSpec("things", fields={}, filters=filters, window=window)

    assert sync_strategy_of(resource) == SyncStrategy("things", changes=changes, deletions=deletions)


def test_every_list_that_is_given_unasked_is_kept():
    kept = [one.resource for one in sync_strategies()]

    assert {"timeLogs", "invoices", "customers", "timeCategories", "tasks"} < set(kept)
    assert kept == [name for name in COLLECTIONS if name in kept]
    assert set(COLLECTIONS) - set(kept) == {
        *("companyInformation", "documents", "startTimer", "stopTimer"),  # no list
        *("supplementOrders", "distributorContactPersons", "statuses"),  # only by a filter
    }


def test_version_1_has_fewer_collections_and_reports_no_changes():
    assert sync_strategies(1) == tuple(
        SyncStrategy(name, changes="full", deletions="full")
        for name in ("customers", "users", "workOrders", "workOrderTypes", "workOrderTags")
    )


def test_a_sync_takes_the_modes(subtests):
    for one in sync_strategies():
        with subtests.test(one.resource):
            for mode in (one.changes, one.deletions):
                assert plan_sync(COLLECTIONS[one.resource], UTC, mode=mode, **NEEDED[mode]).mode == mode


def test_a_dag_file_may_import_it():
    program = "import airflow_provider_seventime.transfers.sync.strategy, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    heavy = {"airflow", "pydantic", "requests", "sqlalchemy", "msgspec"}
    assert not heavy & {module.partition(".")[0] for module in loaded.stdout.split()}
