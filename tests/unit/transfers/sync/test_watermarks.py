"""Where a task's watermark is kept and found: with its asset, or in what an earlier run returned."""

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
    """A task instance, and what its task returned in the run before."""

    returned: object = None
    map_index: int | None = -1
    task_id: str = "sync"
    asked: list = field(default_factory=list)

    def xcom_pull(self, **arguments):
        self.asked.append(arguments)
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


def test_with_an_asset_it_is_kept_there(store):
    kept = watermarks(store=ByAsset({HOURS.uri: store}), outlets=[HOURS])
    assert kept.last(SYNC) is None

    kept.keep(SYNC, EARLIER)

    assert store.held == {KEY: {"sync": SYNC, "watermark": EARLIER}}
    assert (kept.last(SYNC), kept.last(OTHER)) == (EARLIER, None)


def test_an_earlier_one_never_takes_the_place_of_a_later_one(store):
    kept = watermarks(store=ByAsset({HOURS.uri: store}), outlets=[HOURS])
    kept.keep(SYNC, LATER)

    kept.keep(SYNC, EARLIER)

    assert kept.last(SYNC) == LATER


def test_deleting_it_from_the_asset_begins_anew(store):
    instance = Instance({"sync": SYNC, "watermark": EARLIER})

    assert watermarks(instance, ByAsset({HOURS.uri: store}), [HOURS]).last(SYNC) is None
    assert instance.asked == []


def test_an_alias_has_no_state_of_its_own(store):
    kept = watermarks(store=ByAsset({HOURS.uri: store}), outlets=["alias", Asset("x-warehouse://unknown"), HOURS])
    kept.keep(SYNC, EARLIER)

    assert kept.last(SYNC) == EARLIER


@pytest.mark.parametrize("map_index", [-1, 0, 7])
def test_without_an_asset_the_newest_manifest_tells(map_index):
    instance = Instance({"sync": SYNC, "watermark": EARLIER, "rows_read": 5}, map_index)
    kept = watermarks(instance)

    assert kept.last(SYNC) == EARLIER
    assert kept.last(OTHER) is None
    kept.keep(SYNC, LATER)
    assert instance.asked[0] == {"task_ids": "sync", "map_indexes": map_index, "include_prior_dates": True}


def test_an_index_that_is_none_is_no_mapped_task():
    instance = Instance(None, None)

    assert watermarks(instance).last(SYNC) is None
    assert instance.asked[0]["map_indexes"] == -1


@pytest.mark.parametrize("store", [None, {}], ids=["before-3.3", "no-asset"])
def test_a_store_without_the_task_s_asset_is_none(store):
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
def test_what_is_no_watermark_of_this_sync_begins_anew(returned):
    assert watermarks(Instance(returned)).last(SYNC) is None
