"""Strategies to keep copies of the collections up to date; cheap enough to import in a DAG file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import CollectionSpec


@dataclass(frozen=True, slots=True)
class SyncStrategy:
    """Strategy that keeps the copy of one collection complete and current with the fewest requests.

    ``changes`` and ``deletions`` are values for ``mode`` of
    :class:`~airflow_provider_seventime.transfers.seventime_to_sql.SevenTimeToSqlOperator`.

    :param resource: the API's name of the collection.
    :param changes: the mode that brings new and changed records: ``incremental`` if the API can list changed records,
        otherwise ``full``.
    :param deletions: the mode that finds deleted records: ``window`` if the collection has a window and ``incremental``
        brings the changes outside it, otherwise ``full``. A window does not find what was deleted outside it, so run a
        ``full`` read from time to time too.
    """

    resource: str
    changes: Literal["incremental", "full"]
    deletions: Literal["window", "full"]


def sync_strategies(api_version: int = 2) -> tuple[SyncStrategy, ...]:
    """Return the strategy of every collection that can be copied, in the contract's order.

    ::

        [one.resource for one in sync_strategies() if one.changes == "incremental"]

    Collections without a list are left out (``companyInformation``), and those whose list requires a filter
    (``supplementOrders`` of a project, ``distributorContactPersons`` of a distributor, ``statuses`` of an entity type).

    :param api_version: of the connection, 2 or 1. Defaults to 2.
    """
    collections = (collection.in_version(api_version) for collection in COLLECTIONS.values())
    return tuple(
        sync_strategy_of(collection)
        for collection in collections
        if collection is not None and _can_be_copied(collection)
    )


def sync_strategy_of(collection: CollectionSpec) -> SyncStrategy:
    """Return the strategy of a collection.

    :param collection: the collection.
    """
    lists_changes = "lastModified" in collection.filters
    return SyncStrategy(
        collection.name,
        changes="incremental" if lists_changes else "full",
        deletions="window" if lists_changes and collection.window else "full",
    )


def _can_be_copied(collection: CollectionSpec) -> bool:
    requires_filter = any(spec.required for spec in collection.filters.values())
    return collection.listed and not requires_filter
