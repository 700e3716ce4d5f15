"""Operator that keeps a copy of the time logs in a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.transfers.reading.read_parameters import OVERLAP_SECONDS, Moment, ReadParameters
from airflow_provider_seventime.transfers.seventime_to_sql import SqlTransfer

if TYPE_CHECKING:
    from airflow_provider_seventime.transfers.reading.plan import Mode
    from airflow_provider_seventime.transfers.sync.sync_collection import Deletions
    from airflow_provider_seventime.warehouse.misfits import OnMisfit


class SyncTimeLogsOperator(SqlTransfer):
    """Keep a table up to date with the time logs.

    It does the same as :class:`~airflow_provider_seventime.transfers.seventime_to_sql.SevenTimeToSqlOperator` with
    ``resource="timeLogs"``, and returns the same to XCom.

    ::

        SyncTimeLogsOperator(
            task_id="sync", sql_conn_id="warehouse", start="{{ data_interval_start }}", end="{{ data_interval_end }}"
        )

    The window is the data interval of a DAG with ``schedule=CronDataIntervalTimetable("0 6 1 * *", timezone="UTC")``. A
    cron text has empty data intervals in Airflow 3.

    :param sql_conn_id: the Airflow connection of the database (templated).
    :param table: ``table`` or ``schema.table``, created if it does not exist (templated). Defaults to
        ``seventime_time_logs``.
    :param mode: ``incremental``, ``window`` or ``full`` (templated). None: ``incremental`` with ``modified_since``,
        ``window`` with ``start`` and ``end``, otherwise ``full``.
    :param modified_since: read time logs that changed since then (templated).
    :param start: first instant of the window (templated). The time log's own ``timestamp`` decides whether it belongs
        to the window.
    :param end: first instant after the window (templated).
    :param filters: the API's filters except those for time, for example ``{"project": id}`` (templated). None: all
        time logs.
    :param deletions: what happens to rows whose time log no longer exists: ``remove``, ``mark`` or ``keep``
        (templated). None: ``remove`` in a window, otherwise ``keep``.
    :param account: name of the account in the column ``account`` of a table that holds several accounts (templated).
        None: the table holds one account.
    :param on_misfit: ``fail``, or ``null`` to write NULL for a value that its column cannot hold (templated). Defaults
        to ``fail``.
    :param overlap_seconds: the read begins so many seconds before ``modified_since``. Defaults to 300.
    :param min_expected_rows: fail, and write nothing, if the read has fewer time logs (templated). None: any
        number.
    :param exclude_fields: dotted paths of fields that are left out (templated).
    :param hash_fields: dotted paths of fields that are replaced by a keyed hash (templated).
    :param seventime_conn_id: the Airflow connection of Seven Time (templated). Defaults to ``seventime_default``.
    """

    def __init__(
        self,
        *,
        sql_conn_id: str,
        table: str = "seventime_time_logs",
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
                resource="timeLogs",
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
