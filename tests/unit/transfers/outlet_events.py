"""Airflow's object for the events of outlets, and the events of an alias in it, on every version."""

from __future__ import annotations

from typing import Any

from airflow.providers.common.compat.sdk import AssetAlias

try:
    from airflow.sdk.execution_time.context import OutletEventAccessors
except ImportError:  # Airflow 2.11
    from airflow.utils.context import OutletEventAccessors

__all__ = ["OutletEventAccessors", "events_of_alias"]


def events_of_alias(alias: AssetAlias, events: Any) -> list[tuple[str, dict[str, Any]]]:
    """Return the events of an alias in a run: for each, the URI of the asset and the extra."""
    accessor = events[alias]
    if hasattr(accessor, "dataset_alias_events"):  # Airflow 2.11
        return [(event["dest_dataset_uri"], event["extra"]) for event in accessor.dataset_alias_events]
    return [(event.dest_asset_key.uri, event.extra) for event in accessor.asset_alias_events]
