"""What Airflow hands a task for each asset: looked up by the asset, which on Airflow 3.0 no dict can do."""

from __future__ import annotations

from typing import Any

from airflow.providers.common.compat.sdk import Asset


class ByAsset:
    """Refuses an alias with TypeError and an asset that it does not know with KeyError, as Airflow does.

    :param held: by the asset's address.
    """

    def __init__(self, held: dict[str, Any]) -> None:
        self._held = held

    def __getitem__(self, asset: object) -> Any:
        if not isinstance(asset, Asset):
            raise TypeError(asset)
        return self._held[asset.uri]
