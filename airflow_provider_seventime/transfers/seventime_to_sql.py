"""Operator that keeps a copy of a collection in a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.hooks.parameter_types import refuse_wrong_types
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.hooks.task_errors import permanent_failures_end_the_task
from airflow_provider_seventime.templates import require_rendered
from airflow_provider_seventime.transfers.collection_transfer import CollectionTransfer
from airflow_provider_seventime.transfers.reading.read_parameters import OVERLAP_SECONDS, Moment, ReadParameters

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_seventime.transfers.reading.plan import Mode
    from airflow_provider_seventime.transfers.sync.sync_collection import Deletions
    from airflow_provider_seventime.warehouse.misfits import OnMisfit

# Airflow's values of BaseSensorOperator.mode.
SENSOR_MODES = ("poke", "reschedule")


class SqlTransfer(CollectionTransfer):
    """Base of the operators that keep a table up to date; it has no constructor, see :class:`CollectionTransfer`."""

    template_fields: Sequence[str] = (
        "resource",
        "sql_conn_id",
        "table",
        "mode",
        "modified_since",
        "start",
        "end",
        "filters",
        "min_expected_rows",
        "deletions",
        "account",
        "on_misfit",
        "exclude_fields",
        "hash_fields",
        "seventime_conn_id",
    )

    sql_conn_id: str
    table: str | None
    mode: Mode | None
    deletions: Deletions | None
    account: str | None
    on_misfit: OnMisfit

    def execute(self, context: Context) -> dict[str, Any]:
        """Read and check all records, then write them.

        :raises PermanentTaskError: a parameter, a connection or the table is wrong; nothing was read.
        :raises SevenTimeError: a transient failure; the next try starts again and ends with the same table.
        """
        from airflow_provider_seventime.transfers.lineage.asset_events import report, table_lineage
        from airflow_provider_seventime.transfers.sync.sql_engine import open_engine
        from airflow_provider_seventime.transfers.sync.sync_collection import SyncJob, sync_collection
        from airflow_provider_seventime.transfers.sync.watermarks import show_watermark

        self._lineage = None  # of an earlier try
        with permanent_failures_end_the_task():
            for name in (
                "resource",
                "sql_conn_id",
                "table",
                "mode",
                "deletions",
                "account",
                "on_misfit",
                "seventime_conn_id",
            ):
                if getattr(self, name) is not None:
                    require_rendered(name, getattr(self, name))
            job = SyncJob(
                **self._read_parameters(),
                sql_conn_id=self.sql_conn_id,
                table=self.table,
                mode=self.mode,
                deletions=self.deletions,
                account=self.account,
                on_misfit=self.on_misfit,
                run_id=str(context.get("run_id") or ""),
            )
            with self._open_client() as client, open_engine(self.sql_conn_id) as engine:
                self._show_links(context, client, self.resource)
                manifest = sync_collection(client, engine, job)
                self._lineage = table_lineage(
                    client, engine, manifest, sql_conn_id=self.sql_conn_id, marks_deletions=self.deletions == "mark"
                )
        show_watermark(context, self, sync=manifest["sync"], watermark=manifest["watermark"])
        report(self._lineage, context, self.outlets, SevenTimeHook(self.seventime_conn_id))
        return manifest

    def _store_sql_parameters(
        self,
        *,
        sql_conn_id: str,
        table: str | None,
        mode: Mode | None,
        deletions: Deletions | None,
        account: str | None,
        on_misfit: OnMisfit,
        default_args: Mapping[str, Any],
    ) -> None:
        """Store the parameters of the table as attributes, and check the types of all parameters.

        :param default_args: of the task, which its DAG may have for sensors. Their ``mode`` is not the mode of a sync.
        """
        self.sql_conn_id = sql_conn_id
        self.table = table
        self.mode = None if mode in SENSOR_MODES and default_args.get("mode") == mode else mode
        self.deletions = deletions
        self.account = account
        self.on_misfit = on_misfit
        refuse_wrong_types(self)


class SevenTimeToSqlOperator(SqlTransfer):
    """Keep a table up to date with a collection. Unchanged rows are not touched.

    ``mode`` decides which records are read:

    * ``incremental``: records that changed since ``modified_since``. Without that parameter, since the newest success,
      whose watermark is in the table ``seventime_copies`` of the same schema. If there is none, or the table is empty,
      all records are read.
    * ``window``: all records of ``[start, end)``.
    * ``full``: all records.

    All records are read and checked before the first row is written, so a failed read leaves the rows as they were. A
    second run of the same task ends with the same table.

    ::

        SevenTimeToSqlOperator(
            task_id="customers", resource="customers", sql_conn_id="warehouse", mode="full", deletions="mark"
        )

    Dates and times may be ``date``, ``datetime`` or ISO text. Without a time zone they are in the account's zone.

    Returned to XCom: ``resource``, ``table``, ``mode`` (the one that was used), ``start``, ``end``, ``modified_since``,
    ``rows_read``, ``rows_written`` (new or changed), ``rows_older`` (not written, because the table has a newer reading
    of the record), ``rows_deleted`` (removed or marked), ``deletions`` (``done``, ``not asked``, or ``skipped`` with
    the reason), ``requests_made``, ``waited_seconds``, ``rejections`` (429 responses), ``watermark`` (the instant at
    which the read began, on Seven Time's clock), and ``sync``, a digest that says what the watermark is of. ``sync`` is
    None if no later run can continue from the watermark: after a window, and after changes since a time that leaves a
    gap.

    :param resource: the API's name of the collection, for example ``customers`` (templated).
    :param sql_conn_id: the Airflow connection of the database (templated).
    :param table: ``table`` or ``schema.table``, created if it does not exist (templated). None: ``seventime_`` and the
        collection in snake case, for example ``seventime_work_orders``.
    :param mode: ``incremental``, ``window`` or ``full`` (templated). None: ``incremental`` with ``modified_since``,
        ``window`` with ``start`` and ``end``, otherwise ``full``. ``default_args={"mode": "reschedule"}``, which is
        meant for sensors, is ignored.
    :param modified_since: read records that changed since then (templated); only for collections that have
        ``lastModified``.
    :param start: first instant of the window (templated); only for collections that have a date filter.
    :param end: first instant after the window (templated).
    :param filters: the API's filters of the collection except those for time, for example ``{"project": id}``
        (templated). Only rows that match them are removed then. None: all records.
    :param deletions: what happens to rows whose record no longer exists: ``remove``, ``mark`` (``deleted_at`` is set)
        or ``keep`` (templated). ``remove`` and ``mark`` need the mode ``window`` or ``full``. None: ``remove`` in a
        window, otherwise ``keep``.
    :param account: name of the account in the column ``account`` of a table that holds several accounts (templated).
        Only the rows of this account are read, written and removed. The table must be new, or have the column in its
        key. None: the table holds one account and has no such column.
    :param on_misfit: what happens to a value that its column cannot hold, for example a text where a number is
        documented (templated). ``fail`` writes nothing and names all such values; ``null`` writes NULL, and ``record``
        keeps the value. Defaults to ``fail``.
    :param overlap_seconds: the read begins so many seconds before ``modified_since``, because the clocks of Airflow
                self._show_links(context, client, self.resource)
        and Seven Time may differ. Defaults to 300.
    :param min_expected_rows: fail, and write nothing, if the read has fewer records, in every mode. None: log a warning
        if the read has no records and the table has rows.
    :param exclude_fields: dotted paths of fields that are left out of columns and ``record`` (templated); see
        :func:`~airflow_provider_seventime.contract.personal_data.personal_fields`.
    :param hash_fields: dotted paths of fields that are replaced by a keyed hash (templated); the key is the
        connection's extra ``hash_secret``.
    :param seventime_conn_id: the Airflow connection of Seven Time (templated). Defaults to ``seventime_default``.
    """

    def __init__(
        self,
        *,
        resource: str,
        sql_conn_id: str,
        table: str | None = None,
        mode: Mode | None = None,
        modified_since: Moment | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        filters: Mapping[str, Any] | None = None,
        deletions: Deletions | None = None,
        account: str | None = None,
        on_misfit: OnMisfit = "fail",
        overlap_seconds: float = OVERLAP_SECONDS,
        min_expected_rows: int | str | None = None,
        exclude_fields: Sequence[str] = (),
        hash_fields: Sequence[str] = (),
        seventime_conn_id: str = SevenTimeHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._store_read_parameters(
            ReadParameters(
                resource=resource,
                modified_since=modified_since,
                start=start,
                end=end,
                filters=filters,
                overlap_seconds=overlap_seconds,
                min_expected_rows=min_expected_rows,
                exclude_fields=exclude_fields,
                hash_fields=hash_fields,
                seventime_conn_id=seventime_conn_id,
            )
        )
        self._store_sql_parameters(
            sql_conn_id=sql_conn_id,
            table=table,
            mode=mode,
            deletions=deletions,
            account=account,
            on_misfit=on_misfit,
            default_args=kwargs.get("default_args") or {},
        )
