"""Where the newest success of an incremental sync is kept: with an asset, or in what the task returned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.dates import parse_instant

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import BaseOperator, Context

STATE_KEY = "seventime_watermark_{sync}"


class RunWatermarks:
    """The watermarks of one task.

    With an asset among the task's outlets, Airflow 3.3 and later keep them with that asset, where the web page shows
    them and they can be deleted. Otherwise the newest manifest is asked for that this task returned in a run before
    this one. Both say what they are of, so that a sync of another filter, table or protection begins anew.

    :param context: the task's context.
    :param task: the operator.
    """

    def __init__(self, context: Context, task: BaseOperator) -> None:
        self._context = context
        self._state = _asset_state(context, task)

    def last(self, sync: str) -> str | None:
        """Return the watermark of the newest success; None: none is known.

        :param sync: what was synced.
        """
        kept = self._newest_manifest() if self._state is None else self._state.get(STATE_KEY.format(sync=sync))
        return _watermark_of(kept, sync)

    def keep(self, sync: str, watermark: str) -> None:
        """Keep the watermark of a success, unless a later one is there; without an asset the manifest tells it.

        :param sync: what was synced.
        :param watermark: ISO text in UTC.
        """
        if self._state is not None:
            newest = max(watermark, self.last(sync) or "")
            self._state.set(STATE_KEY.format(sync=sync), {"sync": sync, "watermark": newest})

    def _newest_manifest(self) -> Any:
        ti: Any = self._context["ti"]
        # Without an index Airflow 3 answers with the values of all runs, in no order of time.
        index = -1 if ti.map_index is None else ti.map_index
        return ti.xcom_pull(task_ids=ti.task_id, map_indexes=index, include_prior_dates=True)


def _watermark_of(kept: Any, sync: str) -> str | None:
    if not isinstance(kept, dict) or kept.get("sync") != sync:
        return None
    try:
        parse_instant(kept["watermark"])
    except (KeyError, TypeError, ValueError):  # somebody has been at it: everything is read
        return None
    found: str = kept["watermark"]
    return found


def _asset_state(context: Context, task: BaseOperator) -> Any:
    """Return the state of the first asset among the outlets; None: there is none, or Airflow keeps no state."""
    stores: Any = context.get("asset_state_store")
    if stores is None:
        return None
    for outlet in task.outlets:
        try:
            return stores[outlet]
        except (KeyError, TypeError):  # an alias has no state of its own
            continue
    return None
