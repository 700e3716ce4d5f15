"""Keep a copy of a collection in a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.providers.common.compat.sdk import BaseOperator

from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.hooks.task_errors import permanent_failures_end_the_task
from airflow_provider_seventime.templates import require_rendered

if TYPE_CHECKING:
    from datetime import date, datetime

    from airflow.providers.common.compat.sdk import Context
    from airflow.providers.openlineage.extractors import OperatorLineage

    from airflow_provider_seventime.transfers.lineage.asset_events import RunLineage
    from airflow_provider_seventime.transfers.reading.plan import Mode
    from airflow_provider_seventime.transfers.sync.sync_collection import Deletions, SyncJob


class SevenTimeToSqlOperator(BaseOperator):
    """Bring a table of a collection up to date; what is there already and the same is not touched.

    There are three ways. ``incremental`` reads what changed since ``modified_since`` or, without it, since the newest
    success of this task: on Airflow 3.3 and later that is kept with the asset among the outlets, otherwise in what the
    task returned; where none is known, and where the table is empty, everything is read. ``window`` reads the records
    of ``[start, end)`` whole. ``full`` reads everything. Running it again ends in the same table. Everything is read
    and checked before the first row is written, so a failed read leaves the rows as they were.

    ::

        SevenTimeToSqlOperator(
            task_id="customers", resource="customers", sql_conn_id="warehouse", mode="full", deletions="mark"
        )

    Dates and times may be ``date``, ``datetime`` or ISO text; what has no zone is in the account's time.

    Returned to XCom: ``resource``, ``table``, ``mode`` (as it was read), ``start``, ``end``, ``modified_since``,
    ``rows_read``, ``rows_written`` (new or changed), ``rows_deleted`` (removed or marked), ``deletions`` (``done``,
    ``not asked``, or ``skipped`` with the reason), ``requests_made``, ``waited_seconds``, ``rejections`` (answers 429),
    ``watermark``, the instant at which the read began, and ``sync``, a digest of what the watermark is of, or None
    where no run goes on from there: after a window, and after changes since a time that leaves a gap.

    :param resource: the API's name of the collection, for example ``customers`` (templated).
    :param sql_conn_id: the Airflow connection of the database (templated).
    :param table: ``table`` or ``schema.table``, made when it is not there (templated). None: ``seventime_`` and the
        collection in snake case, for example ``seventime_work_orders``.
    :param mode: ``incremental``, ``window`` or ``full`` (templated). None: ``incremental`` with ``modified_since``,
        ``window`` with ``start`` and ``end``, otherwise ``full``.
    :param modified_since: read what changed since then (templated); only for collections that have ``lastModified``.
    :param start: first instant of the window (templated); only for collections that have a date filter.
    :param end: first instant after the window (templated).
    :param filters: the API's filters of the collection except those for time, for example ``{"project": id}``
        (templated). Rows are then removed only where the filter holds. None: all records.
    :param deletions: what becomes of rows that the API no longer has: ``remove``, ``mark`` (``deleted_at`` is set) or
        ``keep`` (templated). Only a window or everything can tell. None: ``remove`` in a window, otherwise ``keep``.
    :param overlap_seconds: how much earlier than ``modified_since`` the read begins, because the clocks of Airflow and
        Seven Time differ. Defaults to 300.
    :param min_expected_rows: fail, with nothing written, when fewer records are read, in whichever way. None: a read
        of nothing where there are rows is a warning.
    :param exclude_fields: dotted paths of fields that are left out of columns and ``record`` (templated); see
        :func:`~airflow_provider_seventime.contract.personal_data.personal_fields`.
    :param hash_fields: dotted paths of fields of which a keyed hash is kept; the key is the connection's extra
        ``hash_secret`` (templated).
    :param seventime_conn_id: the Airflow connection of Seven Time (templated). Defaults to ``seventime_default``.
    """

    template_fields: Sequence[str] = (
        "resource",
        "sql_conn_id",
        "table",
        "mode",
        "modified_since",
        "start",
        "end",
        "filters",
        "deletions",
        "exclude_fields",
        "hash_fields",
        "seventime_conn_id",
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {"filters": "json"}

    _lineage: RunLineage | None = None

    def __init__(
        self,
        *,
        resource: str,
        sql_conn_id: str,
        table: str | None = None,
        mode: Mode | None = None,
        modified_since: date | datetime | str | None = None,
        start: date | datetime | str | None = None,
        end: date | datetime | str | None = None,
        filters: Mapping[str, Any] | None = None,
        deletions: Deletions | None = None,
        overlap_seconds: float = 300.0,
        min_expected_rows: int | None = None,
        exclude_fields: Sequence[str] = (),
        hash_fields: Sequence[str] = (),
        seventime_conn_id: str = SevenTimeHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.resource = resource
        self.sql_conn_id = sql_conn_id
        self.table = table
        self.mode = mode
        self.modified_since = modified_since
        self.start = start
        self.end = end
        self.filters = filters
        self.deletions = deletions
        self.overlap_seconds = overlap_seconds
        self.min_expected_rows = min_expected_rows
        self.exclude_fields = exclude_fields
        self.hash_fields = hash_fields
        self.seventime_conn_id = seventime_conn_id

    def execute(self, context: Context) -> dict[str, Any]:
        """Read, check, then write.

        :raises PermanentTaskError: a parameter, a connection or the table is wrong; nothing was read.
        :raises SevenTimeError: a passing failure; the next try begins anew and ends in the same table.
        """
        from airflow_provider_seventime.transfers.lineage.asset_events import report, table_lineage
        from airflow_provider_seventime.transfers.sync.sql_engine import open_engine
        from airflow_provider_seventime.transfers.sync.sync_collection import sync_collection
        from airflow_provider_seventime.transfers.sync.watermarks import RunWatermarks

        self._lineage = None  # of this try
        with permanent_failures_end_the_task():
            for name in ("resource", "sql_conn_id", "table", "mode", "deletions", "seventime_conn_id"):
                if getattr(self, name) is not None:
                    require_rendered(name, getattr(self, name))
            with SevenTimeHook(self.seventime_conn_id).get_conn() as client, open_engine(self.sql_conn_id) as engine:
                manifest = sync_collection(client, engine, self._job(), watermarks=RunWatermarks(context, self))
                self._lineage = table_lineage(
                    client, engine, manifest, sql_conn_id=self.sql_conn_id, marks_deletions=self.deletions == "mark"
                )
        report(self._lineage, context, self.outlets, SevenTimeHook(self.seventime_conn_id))
        return manifest

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> OperatorLineage[Any, Any] | None:  # noqa: ARG002
        """Return the datasets of the run, for the OpenLineage provider; None where that is not installed.

        :param task_instance: Airflow's; not looked at.
        """
        from airflow_provider_seventime.transfers.lineage.openlineage import openlineage_of

        return openlineage_of(self._lineage)

    def _job(self) -> SyncJob:
        from airflow_provider_seventime.transfers.sync.sync_collection import SyncJob

        return SyncJob(
            resource=self.resource,
            table=self.table,
            mode=self.mode,
            modified_since=self.modified_since,
            start=self.start,
            end=self.end,
            filters=self.filters,
            deletions=self.deletions,
            overlap_seconds=self.overlap_seconds,
            min_expected_rows=self.min_expected_rows,
            exclude_fields=self.exclude_fields,
            hash_fields=self.hash_fields,
            source=self.seventime_conn_id,
            database=self.sql_conn_id,
        )
