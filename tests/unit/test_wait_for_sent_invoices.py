"""The example DAG that waits for payments takes the ids from events, in Airflow's own objects, and its parameter."""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import AirflowSkipException
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS

from tests.conftest import EXAMPLE_DAGS


@pytest.fixture(scope="module")
def sent_invoices():
    spec = importlib.util.spec_from_file_location("wait", EXAMPLE_DAGS / "seventime_wait_until_paid.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.seventime_wait_until_paid().get_task("sent_invoices").python_callable


def context(*extras, invoices=()):
    """Return the context of a run that events of the asset started, as this Airflow makes it."""
    params = {"params": {"invoices": list(invoices)}}
    events: Any
    if not AIRFLOW_V_3_0_PLUS:
        events = {"seventime_sent_invoices": [SimpleNamespace(extra=extra) for extra in extras]} if extras else {}
        return {**params, "triggering_dataset_events": events}
    from airflow.sdk.api.datamodels._generated import AssetEventDagRunReference
    from airflow.sdk.execution_time.context import TriggeringAssetEventsAccessor

    events = [
        AssetEventDagRunReference.model_validate(
            {
                "asset": {"name": "seventime_sent_invoices", "uri": "seventime_sent_invoices", "extra": {}},
                "extra": extra,
                "source_task_id": "announce",
                "source_dag_id": "seventime_bill_time_logs",
                "source_run_id": "scheduled",
                "source_map_index": -1,
                "source_aliases": [],
                "timestamp": "2026-10-01T04:00:00Z",
            }
        )
        for extra in extras
    ]
    return {**params, "triggering_asset_events": TriggeringAssetEventsAccessor.build(events)}


def test_ids_of_one_and_of_several_events(sent_invoices):
    first, second = {"month": "2026-08", "invoices": "a b"}, {"month": "2026-09", "invoices": "b c"}

    assert sent_invoices(**context(first)) == ["a", "b"]
    assert sent_invoices(**context(first, second, invoices=["d"])) == ["a", "b", "c", "d"]


def test_ids_of_a_run_by_hand(sent_invoices):
    assert sent_invoices(**context(invoices=["a"])) == ["a"]


def test_an_event_without_ids_and_no_event_skip_the_wait(sent_invoices):
    for without in (context(), context({})):
        with pytest.raises(AirflowSkipException, match="There is nothing to wait for"):
            sent_invoices(**without)
