"""In which of the three ways the copy of each collection is best kept; cheap enough for a DAG file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import CollectionSpec


@dataclass(frozen=True, slots=True)
class SyncStrategy:
    """How the copy of one collection is kept complete and current with the fewest requests.

    Both are values for ``mode`` of
    :class:`~airflow_provider_seventime.transfers.seventime_to_sql.SevenTimeToSqlOperator`.

    :param resource: the API's name of the collection.
    :param changes: what brings new and changed records: ``incremental`` where the API tells them, otherwise ``full``.
    :param deletions: what finds deleted records: ``window`` over the time in which records are still deleted, where
        changes outside it come by ``incremental`` all the same; otherwise ``full``. A window never finds what was
        deleted outside it: read everything now and then as well.
    """

    resource: str
    changes: Literal["incremental", "full"]
    deletions: Literal["window", "full"]


def sync_strategies(api_version: int = 2) -> tuple[SyncStrategy, ...]:
    """Return every collection of an account of which a copy can be kept, in the contract's order.

    ::

        [one.resource for one in sync_strategies() if one.changes == "incremental"]

    Left out are what has no list (``companyInformation``), and lists that the API gives only by a filter
    (``supplementOrders`` of a project, ``distributorContactPersons`` of a distributor, ``statuses`` of an entity type).

    :param api_version: of the connection, 2 or 1. Defaults to 2.
    """
    entries = (entry.in_version(api_version) for entry in COLLECTIONS.values())
    return tuple(sync_strategy_of(entry) for entry in entries if entry is not None and _can_be_kept(entry))


def sync_strategy_of(resource: CollectionSpec) -> SyncStrategy:
    """Return how the copy of a collection is best kept.

    :param resource: its entry in the contract.
    """
    tells_changes = "lastModified" in resource.filters
    return SyncStrategy(
        resource.name,
        changes="incremental" if tells_changes else "full",
        deletions="window" if tells_changes and resource.window else "full",
    )


def _can_be_kept(resource: CollectionSpec) -> bool:
    demands_filter = any(known.required for known in resource.filters.values())
    return resource.listed and not demands_filter
