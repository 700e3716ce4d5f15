"""Watermark of the newest sync in the state of an asset, where Airflow's web page shows it.

The table ``seventime_copies`` of the database decides where the next run continues. What is shown here decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import BaseOperator, Context

STATE_KEY = "seventime_watermark_{sync}"


def show_watermark(context: Context, task: BaseOperator, *, sync: str | None, watermark: str) -> None:
    """Show a watermark at the first asset among the outlets of a task.

    Without such an asset, and before Airflow 3.3, nothing is shown; the manifest in XCom has the watermark too.

    :param context: the task's context.
    :param task: the operator.
    :param sync: digest of what was synced; None: no later run can continue from the watermark.
    :param watermark: ISO text in UTC.
    """
    state = _asset_state(context, task)
    if state is not None and sync is not None:
        state.set(STATE_KEY.format(sync=sync), {"sync": sync, "watermark": watermark})


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
