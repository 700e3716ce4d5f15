"""Rows that the source no longer has: looked for where a read was whole, and each of them confirmed.

A row that the read did not hold is confirmed by a 404 for its id or, where such rows are many, by a complete read of
the whole collection that does not hold it either. A row that is found there has moved, out of the window or out of the
filter, and is refreshed. Of the many, some are asked for by id all the same: lists that do not show what there is, or
are empty for an hour, must not empty the table.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import NotFoundError, ProtocolError
from airflow_provider_seventime.transfers.reading.plan import Plan

if TYPE_CHECKING:
    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.contract.protection import Protection
    from airflow_provider_seventime.warehouse.copy import CollectionCopy
    from airflow_provider_seventime.warehouse.spool import Spool

logger = logging.getLogger(__name__)

MANY_ROWS = 20
SAMPLE_ROWS = 3


class DeletedRows:
    """The search for the rows of a copy that the source no longer has.

    :param client: to ask.
    :param plan: what was read.
    :param protection: of the records.
    :param copy: the rows.
    :param spool: takes the records of rows that are still there.
    """

    def __init__(
        self, client: SevenTimeClient, plan: Plan, *, protection: Protection, copy: CollectionCopy, spool: Spool
    ) -> None:
        self._client = client
        self._plan = plan
        self._resource = plan.resource
        self._protection = protection
        self._copy = copy
        self._spool = spool

    def find(self, read: Collection[str], *, wanted: bool) -> tuple[list[str], str]:
        """Return the ids of the rows that the source no longer has; put aside the records of those that it has.

        :param read: ids that were read.
        :param wanted: look for them; otherwise only a read of nothing is warned of.
        :return: the ids, and what the manifest says: ``done``, ``not asked``, or ``skipped`` with the reason.
        """
        if self._plan.mode == "incremental":
            return [], "not asked"
        equal, lost = self._protection.filter_values(self._plan.equal)
        unknown = (*self._plan.inexpressible, *lost)
        if wanted and unknown:
            said = f"skipped: the table's columns do not tell what the filter {', '.join(unknown)} holds"
            logger.warning("No rows are removed, %s", said)
            return [], said
        looked_for = wanted or not (read or unknown)
        missing = self._copy.rows_not_read(read, window=self._plan.window, equal=equal) if looked_for else []
        if missing and not read:
            logger.warning(
                "%s: nothing was read where the table has %d rows; set min_expected_rows to let such a run fail",
                self._resource.name,
                len(missing),
            )
        if not wanted:
            return [], "not asked"
        if one_by_one(self._resource, len(missing)):
            return [record_id for record_id in missing if not self._still_there(record_id)], "done"
        gone = self._missing_from_whole_read(missing)
        hidden = self._hidden_from_lists(gone)
        if hidden is not None:
            said = f"skipped: lists do not hold {hidden!r}, which the API still has: what they lack proves nothing"
            logger.warning("%s: no rows are removed, %s", self._resource.name, said)
            return [], said
        return gone, "done"

    def _still_there(self, record_id: str) -> bool:
        name = self._resource.name
        try:
            record = self._client.get(name, record_id)
        except NotFoundError:
            return False
        found = self._put_aside_if(record, {record_id})
        if found != record_id:
            raise ProtocolError(f"{name} {record_id!r} was asked for and {found!r} came; try again later")
        return True

    def _missing_from_whole_read(self, missing: Collection[str]) -> list[str]:
        # Without a filter of time or of the user's: a record that moved to another month or customer is missing from
        # every narrower read. What the API demands is the exception.
        demanded = {name: self._plan.query[name] for name, known in self._resource.filters.items() if known.required}
        gone = set(missing)
        if gone:
            for record in self._client.list(self._resource.name, demanded):
                gone.discard(self._put_aside_if(record, gone))
        return sorted(gone)

    def _hidden_from_lists(self, gone: Sequence[str]) -> str | None:
        """Return one of the ids that no list holds and that the API still has; None: none was found."""
        if "get" not in self._resource.operations:
            return None
        sample = gone[:: max(1, len(gone) // SAMPLE_ROWS)][:SAMPLE_ROWS]
        return next((record_id for record_id in sample if self._still_there(record_id)), None)

    def _put_aside_if(self, record: Mapping[str, Any], wanted: Collection[str]) -> str:
        """Put a record aside if its id is wanted; return its id."""
        protected = self._protection.apply(record)
        record_id: str = self._copy.row_of(protected)["id"]
        if record_id in wanted:
            self._spool.add(protected)
        return record_id


def one_by_one(resource: CollectionSpec, missing: int) -> bool:
    """Tell whether rows are asked for by their ids: where they are few, or where no list is whole.

    :param resource: the collection.
    :param missing: how many rows.
    """
    demands_filter = any(known.required for known in resource.filters.values())
    return "get" in resource.operations and (demands_filter or missing <= MANY_ROWS)
