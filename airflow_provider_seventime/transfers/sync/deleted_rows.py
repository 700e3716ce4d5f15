"""Search for rows whose record no longer exists, each of them confirmed.

A row that a complete read did not return is confirmed by a 404 for its id. If there are many such rows, a complete read
of the whole collection confirms them, and a few of them are requested by id too: lists that lack existing records, or
are empty for an hour, must not empty the table. A record that is found has left the window or the filter: its row is
refreshed.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import NotFoundError, ProtocolError
from airflow_provider_seventime.transfers.reading.list_reader import ListReader, ReadRecord
from airflow_provider_seventime.transfers.reading.plan import Plan

if TYPE_CHECKING:
    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.contract.protection import Protection
    from airflow_provider_seventime.seen_ids import SeenIds
    from airflow_provider_seventime.warehouse.copy import CollectionCopy
    from airflow_provider_seventime.warehouse.spool import Spool

logger = logging.getLogger(__name__)

MANY_ROWS = 20
SAMPLE_ROWS = 3


class DeletedRows:
    """Rows of a copy whose record no longer exists.

    :param client: to read from.
    :param plan: of the read.
    :param protection: of the records.
    :param copy: the table.
    :param spool: receives the rows of records that still exist.
    """

    def __init__(
        self, client: SevenTimeClient, plan: Plan, *, protection: Protection, copy: CollectionCopy, spool: Spool
    ) -> None:
        self._client = client
        self._plan = plan
        self._collection = plan.collection
        self._protection = protection
        self._reader = ListReader(client, plan.collection, protection)
        self._copy = copy
        self._spool = spool

    def find(self, read_ids: SeenIds, *, wanted: bool) -> tuple[list[str], str]:
        """Return the ids of the deleted records, and add the rows of moved records to the spool.

        :param read_ids: ids of the read.
        :param wanted: search for deleted records; False: only warn of a read without records.
        :return: the ids, and the outcome for the manifest: ``done``, ``not asked``, or ``skipped`` with the reason.
        """
        if self._plan.mode == "incremental":
            return [], "not asked"
        equal, protected = self._protection.filter_values(self._plan.equal)
        inexpressible = (*self._plan.inexpressible, *protected)
        if wanted and inexpressible:
            outcome = f"skipped: no column holds the value of the filter {', '.join(inexpressible)}"
            logger.warning("No rows are removed, %s", outcome)
            return [], outcome
        missing: list[str] = []
        if wanted or not (len(read_ids) or inexpressible):
            missing = self._copy.rows_not_read(read_ids, window=self._plan.window, equal=equal)
        if missing and not len(read_ids):
            logger.warning(
                "%s: the read has no records, and the table has %d rows; set min_expected_rows to let such a run fail",
                self._collection.name,
                len(missing),
            )
        return self._confirm(missing) if wanted else ([], "not asked")

    def _confirm(self, missing: Sequence[str]) -> tuple[list[str], str]:
        if can_confirm_by_id(self._collection, len(missing)):
            return [record_id for record_id in missing if not self._exists(record_id)], "done"
        deleted = self._not_in_collection(missing)
        hidden = self._hidden_from_lists(deleted)
        if hidden is None:
            return deleted, "done"
        outcome = f"skipped: the API has the record {hidden!r}, and its lists lack it, so that they prove nothing"
        logger.warning("%s: no rows are removed, %s", self._collection.name, outcome)
        return [], outcome

    def _exists(self, record_id: str) -> bool:
        name = self._collection.name
        try:
            record = self._client.get(name, record_id)
        except NotFoundError:
            return False
        found = self._spool_if(self._reader.protect(record), {record_id})
        if found != record_id:
            raise ProtocolError(f"{name} {record_id!r} was requested and {found!r} was returned; try again later")
        return True

    def _not_in_collection(self, missing: Collection[str]) -> list[str]:
        # Without the filters for time and those of the user: a record that moved to another month or customer is
        # missing from every narrower list. Only the filters that the API requires stay.
        given = self._plan.query.filters
        required = {name: given[name] for name, spec in self._collection.filters.items() if spec.required}
        deleted = set(missing)
        if deleted:
            for record in self._reader.read(replace(self._plan.query, filters=required)):
                deleted.discard(self._spool_if(record, deleted))
        return sorted(deleted)

    def _hidden_from_lists(self, deleted: Sequence[str]) -> str | None:
        """Return one of the ids that no list has and that the API still has; None: none was found."""
        if "get" not in self._collection.operations:
            return None
        sample = deleted[:: max(1, len(deleted) // SAMPLE_ROWS)][:SAMPLE_ROWS]
        return next((record_id for record_id in sample if self._exists(record_id)), None)

    def _spool_if(self, record: ReadRecord, ids: Collection[str]) -> str:
        """Add the row of a record to the spool if its id is among some ids; return its id."""
        from airflow_provider_seventime.warehouse.values import record_id

        found = record_id(self._collection, record.fields)
        if found in ids:
            self._spool.add(self._copy.row_of(record.fields, record.json))
        return found


def can_confirm_by_id(collection: CollectionSpec, rows: int) -> bool:
    """Return whether rows are confirmed by a request for each id: if they are few, or if no list is complete.

    :param collection: the collection.
    :param rows: how many rows.
    """
    requires_filter = any(spec.required for spec in collection.filters.values())
    return "get" in collection.operations and (requires_filter or rows <= MANY_ROWS)
