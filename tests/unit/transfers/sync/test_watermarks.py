"""Storage of a task's watermark: in the state of its asset, or in the XCom of an earlier run."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import Asset

from airflow_provider_seventime.transfers.sync.watermarks import RunWatermarks
from tests.unit.operators.state_store import StateStore
from tests.unit.transfers.by_asset import ByAsset

SYNC, OTHER = "0123456789abcdef", "fedcba9876543210"
EARLIER, LATER = "2026-10-01T04:00:00.000Z", "2026-10-01T05:00:00.000Z"
KEY = f"seventime_watermark_{SYNC}"
HOURS = Asset("x-warehouse://hours")


@dataclass
class Instance:
    """Task instance whose task returned a value in the run before."""

    returned: object = None
    map_index: int | None = -1
    task_id: str = "sync"
    requested: list = field(default_factory=list)

    def xcom_pull(self, **arguments):
        self.requested.append(arguments)
        return self.returned


def watermarks(instance=None, store=None, outlets=()):
    context: Any = {"ti": instance or Instance()}
    if store is not None:
        context["asset_state_store"] = store
    operator: Any = SimpleNamespace(outlets=list(outlets))
    return RunWatermarks(context, operator)


@pytest.fixture
def store():
    return StateStore()


def test_an_asset_stores_the_watermark(store):
    stored = watermarks(store=ByAsset({HOURS.uri: store}), outlets=[HOURS])
    assert stored.last(SYNC) is None

    stored.keep(SYNC, EARLIER)

    assert store.held == {KEY: {"sync": SYNC, "watermark": EARLIER}}
    assert (stored.last(SYNC), stored.last(OTHER)) == (EARLIER, None)


def test_an_earlier_watermark_does_not_replace_a_later_one(store):
    stored = watermarks(store=ByAsset({HOURS.uri: store}), outlets=[HOURS])
    stored.keep(SYNC, LATER)

    stored.keep(SYNC, EARLIER)

    assert stored.last(SYNC) == LATER


def test_without_the_state_of_the_asset_there_is_no_watermark(store):
    instance = Instance({"sync": SYNC, "watermark": EARLIER})

    assert watermarks(instance, ByAsset({HOURS.uri: store}), [HOURS]).last(SYNC) is None
    assert instance.requested == []


def test_an_alias_has_no_state(store):
    stored = watermarks(store=ByAsset({HOURS.uri: store}), outlets=["alias", Asset("x-warehouse://unknown"), HOURS])
    stored.keep(SYNC, EARLIER)

    assert stored.last(SYNC) == EARLIER


@pytest.mark.parametrize("map_index", [-1, 0, 7])
def test_without_an_asset_the_newest_manifest_has_the_watermark(map_index):
    instance = Instance({"sync": SYNC, "watermark": EARLIER, "rows_read": 5}, map_index)
    stored = watermarks(instance)

    assert stored.last(SYNC) == EARLIER
    assert stored.last(OTHER) is None
    stored.keep(SYNC, LATER)
    assert instance.requested[0] == {"task_ids": "sync", "map_indexes": map_index, "include_prior_dates": True}


def test_a_map_index_of_none_is_no_mapped_task():
    instance = Instance(None, None)

    assert watermarks(instance).last(SYNC) is None
    assert instance.requested[0]["map_indexes"] == -1


@pytest.mark.parametrize("store", [None, {}], ids=["before-3.3", "no-asset"])
def test_a_store_without_the_asset_is_not_used(store):
    instance = Instance({"sync": SYNC, "watermark": EARLIER})

    assert watermarks(instance, store, [HOURS] if store is None else []).last(SYNC) == EARLIER


@pytest.mark.parametrize(
    "returned",
    [
        None,
        "2026-10-01T04:00:00.000Z",
        [],
        {},
        {"sync": SYNC},
        {"sync": None, "watermark": EARLIER},
        {"sync": SYNC, "watermark": None},
        {"sync": SYNC, "watermark": "yesterday"},
        {"sync": SYNC, "watermark": 1_700_000_000},
    ],
    ids=repr,
)
def test_a_value_of_another_form_or_sync_is_no_watermark(returned):
    assert watermarks(Instance(returned)).last(SYNC) is None
