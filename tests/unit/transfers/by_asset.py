"""Mapping by asset, as Airflow passes it to a task. On Airflow 3.0 an asset is no key of a dict."""

from __future__ import annotations

from typing import Any

from airflow.providers.common.compat.sdk import Asset


class ByAsset:
    """Mapping that raises TypeError for an alias and KeyError for an unknown asset, as Airflow's does.

    :param by_uri: values by the asset's URI.
    """

    def __init__(self, by_uri: dict[str, Any]) -> None:
        self._by_uri = by_uri

    def __getitem__(self, asset: object) -> Any:
        if not isinstance(asset, Asset):
            raise TypeError(asset)
        return self._by_uri[asset.uri]
