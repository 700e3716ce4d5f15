"""Batches into a copy, two at a time where the database gains by it: one is sent while the other is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import reduce
from itertools import islice

from airflow_provider_seventime.warehouse.copy import CollectionCopy
from airflow_provider_seventime.warehouse.rows import Row
from airflow_provider_seventime.warehouse.write.newer import MergeResult


def merge_batches(copy: CollectionCopy, batches: Iterable[Sequence[Row]], synced_at: datetime) -> MergeResult:
    """Merge batches, each in a transaction of its own.

    After a batch that fails, no other batch is started. The batch that is written at the same time is finished, or
    fails on its own.

    :param copy: the table, prepared.
    :param batches: of rows, each id in one of them only. Memory holds one batch more than are written at a time.
    :param synced_at: instant of the read that the rows come from.
    :raises: what :meth:`.copy.CollectionCopy.merge` raises.
    """
    at_a_time = copy.batches_at_a_time
    if at_a_time == 1:
        return reduce(MergeResult.plus, (copy.merge(batch, synced_at) for batch in batches), MergeResult())
    remaining = iter(batches)
    merged = MergeResult()
    with ThreadPoolExecutor(at_a_time, thread_name_prefix="seventime-warehouse") as pool:
        running: deque[Future[MergeResult]] = deque(
            pool.submit(copy.merge, batch, synced_at) for batch in islice(remaining, at_a_time)
        )
        while running:
            merged = merged.plus(running.popleft().result())
            running.extend(pool.submit(copy.merge, batch, synced_at) for batch in islice(remaining, 1))
    return merged
