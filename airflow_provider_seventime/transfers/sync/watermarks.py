"""Store of the watermark of the newest incremental sync: the state of an asset, or the XCom of the task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.dates import parse_instant

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import BaseOperator, Context

STATE_KEY = "seventime_watermark_{sync}"


class RunWatermarks:
    """The watermarks of one task.

    With an asset among the task's outlets, Airflow 3.3 and later keep them in the state of that asset. The web page
    shows it, and it can be deleted there. Otherwise the watermark comes from the newest manifest that this task
    returned in an earlier run. Both have the digest of what was synced, so that a sync with another filter, table or
    protection starts without a watermark.

    :param context: the task's context.
    :param task: the operator.
    """

    def __init__(self, context: Context, task: BaseOperator) -> None:
        self._context = context
        self._state = _asset_state(context, task)

    def last(self, sync: str) -> str | None:
        """Return the watermark of the newest success; None: none is known.

        :param sync: digest of what was synced.
        """
        kept = self._newest_manifest() if self._state is None else self._state.get(STATE_KEY.format(sync=sync))
        return _watermark_of(kept, sync)

    def keep(self, sync: str, watermark: str) -> None:
        """Store the watermark of a success, unless a later one is stored; without an asset the manifest has it.

        :param sync: digest of what was synced.
        :param watermark: ISO text in UTC.
        """
        if self._state is not None:
            newest = max(watermark, self.last(sync) or "")
            self._state.set(STATE_KEY.format(sync=sync), {"sync": sync, "watermark": newest})

    def _newest_manifest(self) -> Any:
        ti: Any = self._context["ti"]
        # Without an index Airflow 3 returns the values of all runs, in no order of time.
        index = -1 if ti.map_index is None else ti.map_index
        return ti.xcom_pull(task_ids=ti.task_id, map_indexes=index, include_prior_dates=True)


def _watermark_of(kept: Any, sync: str) -> str | None:
    if not isinstance(kept, dict) or kept.get("sync") != sync:
        return None
    try:
        parse_instant(kept["watermark"])
    except (KeyError, TypeError, ValueError):  # edited by hand: it counts as unknown
        return None
    found: str = kept["watermark"]
    return found


def _asset_state(context: Context, task: BaseOperator) -> Any:
    """Return the state of the first asset among the outlets; None: no asset, or an Airflow without asset state."""
    stores: Any = context.get("asset_state_store")
    if stores is None:
        return None
    for outlet in task.outlets:
        try:
            return stores[outlet]
        except (KeyError, TypeError):  # an alias has no state of its own
            continue
    return None
