"""Sync strategies of the collections, which follow from the contract."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from airflow_provider_seventime.api.listing.list_query import ListQuery
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import CollectionSpec, Filter, FilterKind, Window
from airflow_provider_seventime.transfers.reading.plan import plan_read
from airflow_provider_seventime.transfers.sync.strategy import SyncStrategy, sync_strategies, sync_strategy_of

LAST_MODIFIED = {"lastModified": Filter(FilterKind.TIME)}
BY_DATE = Window("timestamp", "fromDate", "toDate")
SPAN = {"start": datetime(2026, 9, 1, tzinfo=UTC), "end": datetime(2026, 10, 1, tzinfo=UTC)}
SINCE = {"modified_since": datetime(2026, 9, 1, tzinfo=UTC)}
NEEDED: dict[str, dict[str, Any]] = {"full": {}, "incremental": SINCE, "window": SPAN}


@pytest.mark.parametrize(
    ("filters", "window", "changes", "deletions"),
    [
        pytest.param(LAST_MODIFIED, BY_DATE, "incremental", "window", id="changes-and-window"),
        pytest.param(LAST_MODIFIED, None, "incremental", "full", id="changes"),
        # A window would miss edits outside it: an invoice of last year is paid today.
        pytest.param({}, BY_DATE, "full", "full", id="window"),
        pytest.param({}, None, "full", "full", id="neither"),
    ],
)
def test_filters_and_window_decide(filters, window, changes, deletions):
    collection = CollectionSpec("things", fields={}, filters=filters, window=window)

    assert sync_strategy_of(collection) == SyncStrategy("things", changes=changes, deletions=deletions)


def test_every_list_without_a_required_filter_has_a_strategy():
    names = [one.resource for one in sync_strategies()]

    assert {"timeLogs", "invoices", "customers", "timeCategories", "tasks"} < set(names)
    assert names == [name for name in COLLECTIONS if name in names]
    assert set(COLLECTIONS) - set(names) == {
        *("companyInformation", "documents", "startTimer", "stopTimer"),  # no list
        *("supplementOrders", "distributorContactPersons", "statuses"),  # required filter
    }


def test_version_1_has_fewer_collections_and_reports_no_changes():
    assert sync_strategies(1) == tuple(
        SyncStrategy(name, changes="full", deletions="full")
        for name in ("customers", "users", "workOrders", "workOrderTypes", "workOrderTags")
    )


def test_a_sync_accepts_the_modes(subtests):
    for one in sync_strategies():
        with subtests.test(one.resource):
            for mode in (one.changes, one.deletions):
                assert plan_read(ListQuery(COLLECTIONS[one.resource], {}), UTC, mode=mode, **NEEDED[mode]).mode == mode


def test_the_module_is_cheap_to_import():
    program = "import airflow_provider_seventime.transfers.sync.strategy, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    heavy = {"airflow", "pydantic", "requests", "sqlalchemy", "msgspec"}
    assert not heavy & {module.partition(".")[0] for module in loaded.stdout.split()}
