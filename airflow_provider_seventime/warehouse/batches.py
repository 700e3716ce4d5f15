"""Batches into a copy, two at a time where the database takes that: one is made ready while the other is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from itertools import islice
from typing import Any

from airflow_provider_seventime.warehouse.copy import CollectionCopy


def merge_batches(copy: CollectionCopy, batches: Iterable[Sequence[Mapping[str, Any]]], synced_at: datetime) -> int:
    """Merge batches, each in a transaction of its own, and return how many rows were new or had changed.

    The first that fails is the last that is begun; the one beside it is written, or fails, for itself.

    :param copy: the table; it is prepared.
    :param batches: of records, no record in two of them. As many are held in memory as are written together, and one.
    :param synced_at: the instant of the read that they come from.
    :raises: what :meth:`.copy.CollectionCopy.merge` does.
    """
    together = copy.writes_together
    if together == 1:
        return sum(copy.merge(batch, synced_at) for batch in batches)
    left = iter(batches)
    written = 0
    with ThreadPoolExecutor(together, thread_name_prefix="seventime-warehouse") as pool:
        under_way: deque[Future[int]] = deque(
            pool.submit(copy.merge, batch, synced_at) for batch in islice(left, together)
        )
        while under_way:
            written += under_way.popleft().result()
            under_way.extend(pool.submit(copy.merge, batch, synced_at) for batch in islice(left, 1))
    return written
