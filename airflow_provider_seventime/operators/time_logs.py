"""Keep a copy of the time logs in a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.providers.common.compat.sdk import BaseOperator

from airflow_provider_seventime.hooks.failures import permanent_failures_end_the_task
from airflow_provider_seventime.hooks.seventime import SevenTimeHook

if TYPE_CHECKING:
    from datetime import date, datetime

    from airflow.providers.common.compat.sdk import Context


class SyncTimeLogsOperator(BaseOperator):
    """Bring a table of time logs up to date; what is there already and the same is not touched.

    There are three ways, chosen by what is given: ``modified_since`` reads what changed since then; ``start`` and
    ``end`` read a window whole and remove the rows that Seven Time no longer has; nothing at all reads everything and
    removes nothing. Running it again ends in the same table. Everything is read and checked before the first row is
    written, so a failed read leaves the rows as they were.

    ::

        SyncTimeLogsOperator(
            task_id="sync", sql_conn_id="warehouse", start="{{ data_interval_start }}", end="{{ data_interval_end }}"
        )

    Dates and times may be ``date``, ``datetime`` or ISO text; what has no zone is in the account's time.

    Returned to XCom: ``table``, ``mode`` (``full``, ``incremental``, ``window``), ``start``, ``end``,
    ``modified_since``, ``rows_read``, ``rows_written`` (new or changed), ``rows_deleted``, ``deletions`` (``done``,
    ``not asked``, or ``skipped`` with the reason), ``requests_made``, ``waited_seconds``, ``rejections`` (answers 429),
    and ``watermark``, the instant at which the read began: the ``modified_since`` of the next run.

    :param sql_conn_id: the Airflow connection of the database (templated).
    :param table: ``table`` or ``schema.table``, made when it is not there (templated). Defaults to
        ``seventime_time_logs``.
    :param modified_since: read what changed since then (templated). None: see ``start``.
    :param start: first instant of the window, which goes by the time log's own ``timestamp`` (templated). None, with
        ``end`` and ``modified_since`` None too: read everything.
    :param end: first instant after the window (templated).
    :param filters: the API's filters of ``timeLogs`` except those for time, for example ``{"project": id}``
        (templated). Rows are then removed only where the filter holds. None: all time logs.
    :param overlap_seconds: how much earlier than ``modified_since`` the read begins, because the clocks of Airflow and
        Seven Time differ. Defaults to 300.
    :param seventime_conn_id: the Airflow connection of Seven Time (templated). Defaults to ``seventime_default``.
    """

    template_fields: Sequence[str] = (
        "sql_conn_id",
        "table",
        "modified_since",
        "start",
        "end",
        "filters",
        "seventime_conn_id",
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {"filters": "json"}

    def __init__(
        self,
        *,
        sql_conn_id: str,
        table: str = "seventime_time_logs",
        modified_since: date | datetime | str | None = None,
        start: date | datetime | str | None = None,
        end: date | datetime | str | None = None,
        filters: Mapping[str, Any] | None = None,
        overlap_seconds: float = 300.0,
        seventime_conn_id: str = SevenTimeHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sql_conn_id = sql_conn_id
        self.table = table
        self.modified_since = modified_since
        self.start = start
        self.end = end
        self.filters = filters
        self.overlap_seconds = overlap_seconds
        self.seventime_conn_id = seventime_conn_id

    def execute(self, context: Context) -> dict[str, Any]:  # noqa: ARG002 - Airflow's signature
        """Read, check, then write.

        :raises PermanentTaskError: a parameter, a connection or the table is wrong; nothing was read.
        :raises SevenTimeError: a passing failure; the next try begins anew and ends in the same table.
        """
        from airflow_provider_seventime.transfers.sql_engine import open_engine
        from airflow_provider_seventime.transfers.sync import sync_time_logs
        from airflow_provider_seventime.transfers.sync_plan import require_rendered

        with permanent_failures_end_the_task():
            for name in ("sql_conn_id", "table", "seventime_conn_id"):
                require_rendered(name, getattr(self, name))
            with SevenTimeHook(self.seventime_conn_id).get_conn() as client, open_engine(self.sql_conn_id) as engine:
                return sync_time_logs(
                    client,
                    engine,
                    table=self.table,
                    modified_since=self.modified_since,
                    start=self.start,
                    end=self.end,
                    filters=self.filters,
                    overlap_seconds=self.overlap_seconds,
                )
