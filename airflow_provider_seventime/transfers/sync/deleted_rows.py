"""Search for rows that no longer belong to a copy: their record was deleted, or no longer passes the user's filters.

A row that a complete read did not return is confirmed by a request for its id. If there are many such rows, a complete
read of the whole collection confirms them, and a few of them are requested by id too: lists that lack existing records,
or are empty for an hour, must not empty the table. A record that is found and passes the filters has left the window:
its row is refreshed. A record that is found and does not pass is never written, and its row is removed.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.contract.protection import Protection
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import ApiError, BadRequestError, ProtocolError
from airflow_provider_seventime.transfers.reading.list_reader import ListReader, ReadRecord
from airflow_provider_seventime.transfers.reading.plan import Plan

if TYPE_CHECKING:
    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.seen_ids import SeenIds
    from airflow_provider_seventime.warehouse.copy import CollectionCopy
    from airflow_provider_seventime.warehouse.spool import Spool

logger = logging.getLogger(__name__)

MANY_ROWS = 20
SAMPLE_ROWS = 3
GONE = (404, 410)


class DeletedRows:
    """Rows of a copy whose record no longer exists, or no longer passes the filters.

    :param client: to read from.
    :param plan: of the read.
    :param protection: of the records.
    :param copy: the table.
    :param spool: receives the rows of records that still exist.
    :param has_one_filter: every row of the table was read with the filters of this run.
    """

    def __init__(
        self,
        client: SevenTimeClient,
        plan: Plan,
        *,
        protection: Protection,
        copy: CollectionCopy,
        spool: Spool,
        has_one_filter: bool,
    ) -> None:
        self._client = client
        self._plan = plan
        self._collection = plan.collection
        self._reader = ListReader(client, plan.collection, protection)
        self._copy = copy
        self._spool = spool
        self._filtered_out: set[str] = set()
        self._equal, protected = protection.filter_values(plan.equal)
        self._inexpressible = (*plan.inexpressible, *protected)
        self._is_blind = bool(self._inexpressible) and not has_one_filter

    def find(self, read_ids: SeenIds, *, wanted: bool, keeps_others: bool = False) -> tuple[list[str], str]:
        """Return the ids of the rows to remove, and add the rows of moved records to the spool.

        :param read_ids: ids of the read.
        :param wanted: search for deleted records. In the mode ``incremental`` they cannot be found.
        :param keeps_others: search for records that no longer pass the filters, even if ``wanted`` is False.
        :return: the ids, and the outcome for the manifest: ``done``, ``not asked``, or ``skipped`` with the reason.
        """
        if self._plan.mode == "incremental":
            return list(self._filtered_out_since(read_ids)), "not asked"
        keeps_others = keeps_others and not wanted and bool(self._plan.query.filters)
        if (wanted or keeps_others) and self._is_blind:
            outcome = f"skipped: no column holds the value of the filter {', '.join(self._inexpressible)}"
            logger.warning("No rows are removed, %s", outcome)
            return [], outcome if wanted else "not asked"
        missing: list[str] = []
        if wanted or keeps_others or not (len(read_ids) or self._is_blind):
            missing = self._copy.rows_not_read(read_ids, window=self._plan.window, equal=self._equal)
        if missing and not len(read_ids):
            logger.warning(
                "%s: the read has no records, and the table has %d rows; set min_expected_rows to let such a run fail",
                self._collection.name,
                len(missing),
            )
        if keeps_others:
            self._confirm(missing)
            return sorted(self._filtered_out), "not asked"
        return self._confirm(missing) if wanted else ([], "not asked")

    def _filtered_out_since(self, read_ids: SeenIds) -> Iterator[str]:
        """Yield the rows whose record changed and is not among the changed records that pass the filters."""
        if not self._user_filters:
            return
        if self._is_blind:
            logger.warning(
                "%s: records that no longer pass the filter %s keep their rows, because the table has rows of other "
                "filters and no column shows which rows are whose. Give each filter a table of its own",
                self._collection.name,
                ", ".join(self._inexpressible),
            )
            return
        every = ListReader(self._client, self._collection, Protection())
        query = replace(self._plan.query, filters=self._required_filters)
        changed = (self._id_of(record) for record in every.read(query, self._plan.period_filters))
        others = (record_id for record_id in changed if record_id not in read_ids)
        yield from self._copy.rows_among(others, equal=self._equal)

    def _confirm(self, missing: Sequence[str]) -> tuple[list[str], str]:
        if can_confirm_by_id(self._collection, len(missing)):
            try:
                return [record_id for record_id in missing if self._is_gone(record_id)], "done"
            except BadRequestError as error:
                logger.warning("%s: a row cannot be confirmed by its id: %s", self._collection.name, error)
        gone = self._not_in_collection(missing)
        hidden = self._hidden_from_lists([one for one in gone if one not in self._filtered_out])
        if hidden is None:
            return gone, "done"
        outcome = f"skipped: the API has the record {hidden!r}, and its lists lack it, so that they prove nothing"
        logger.warning("%s: no rows are removed, %s", self._collection.name, outcome)
        return [], outcome

    def _is_gone(self, record_id: str) -> bool:
        """Return whether a row is to be removed; the row of a record that only left the window is refreshed."""
        name = self._collection.name
        try:
            record = self._client.get(name, record_id)
        except ApiError as error:
            if error.status not in GONE:
                raise
            return True
        found = self._id_of(ReadRecord(record, b""))
        if found != record_id:
            raise ProtocolError(f"{name} {record_id!r} was requested and {found!r} was returned; try again later")
        return self._take(record)

    def _take(self, record: Mapping[str, Any]) -> bool:
        """Add the row of a record to the spool if it passes the filters; return whether it does not."""
        passes = self._plan.passes(record)
        protected = self._reader.protect(record)
        record_id = self._id_of(protected)
        if passes:
            self._spool.add(self._copy.row_of(protected.fields, protected.json))
        elif passes is None:
            logger.warning(
                "%s %r has left the window, and no field shows whether it passes the filter %s: its row stays as it is",
                self._collection.name,
                record_id,
                ", ".join(self._plan.inexpressible),
            )
        else:
            self._filtered_out.add(record_id)
        return passes is False

    def _not_in_collection(self, missing: Collection[str]) -> list[str]:
        # Without the filters for time and those of the user: a record that moved to another month or customer is
        # missing from every narrower list. Only the filters that the API requires stay.
        remaining = set(missing)
        if remaining:
            query = replace(self._plan.query, filters=self._required_filters)
            for record in self._client.list(query):
                record_id = self._id_of(ReadRecord(record, b""))
                if record_id in remaining and not self._take(record):
                    remaining.discard(record_id)
        return sorted(remaining)

    def _hidden_from_lists(self, deleted: Sequence[str]) -> str | None:
        """Return one of the ids that no list has and that the API still has; None: none was found."""
        if "get" not in self._collection.operations:
            return None
        sample = deleted[:: max(1, len(deleted) // SAMPLE_ROWS)][:SAMPLE_ROWS]
        return next((record_id for record_id in sample if self._still_exists(record_id)), None)

    def _still_exists(self, record_id: str) -> bool:
        try:
            return not self._is_gone(record_id) or record_id in self._filtered_out
        except BadRequestError:
            return False  # the API does not give out records by their id

    @property
    def _required_filters(self) -> dict[str, Any]:
        given = self._plan.query.filters
        return {name: given[name] for name, spec in self._collection.filters.items() if spec.required}

    @property
    def _user_filters(self) -> set[str]:
        return self._plan.query.filters.keys() - self._required_filters.keys()

    def _id_of(self, record: ReadRecord) -> str:
        from airflow_provider_seventime.warehouse.values import record_id

        return record_id(self._collection, record.fields)


def can_confirm_by_id(collection: CollectionSpec, rows: int) -> bool:
    """Return whether rows are confirmed by a request for each id: if they are few, or if no list is complete.

    :param collection: the collection.
    :param rows: how many rows.
    """
    requires_filter = any(spec.required for spec in collection.filters.values())
    return "get" in collection.operations and (requires_filter or rows <= MANY_ROWS)
