"""In which of the three ways the copy of each collection is best kept; cheap enough for a DAG file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from airflow_provider_seventime.contract.resource import Resource
from airflow_provider_seventime.contract.resources import RESOURCES


@dataclass(frozen=True, slots=True)
class Upkeep:
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


def whole_account(api_version: int = 2) -> tuple[Upkeep, ...]:
    """Return every collection of an account of which a copy can be kept, in the contract's order.

    ::

        [one.resource for one in whole_account() if one.changes == "incremental"]

    Left out are what has no list (``companyInformation``), and lists that the API gives only by a filter
    (``supplementOrders`` of a project, ``distributorContactPersons`` of a distributor, ``statuses`` of an entity type).

    :param api_version: of the connection, 2 or 1. Defaults to 2.
    """
    entries = (entry.in_version(api_version) for entry in RESOURCES.values())
    return tuple(upkeep_of(entry) for entry in entries if entry is not None and _can_be_kept(entry))


def upkeep_of(resource: Resource) -> Upkeep:
    """Return how the copy of a collection is best kept.

    :param resource: its entry in the contract.
    """
    tells_changes = "lastModified" in resource.filters
    return Upkeep(
        resource.name,
        changes="incremental" if tells_changes else "full",
        deletions="window" if tells_changes and resource.window else "full",
    )


def _can_be_kept(resource: Resource) -> bool:
    demands_filter = any(known.required for known in resource.filters.values())
    return resource.listed and not demands_filter
