"""Keep a copy of the time logs in a database."""

from __future__ import annotations

from typing import Any

from airflow_provider_seventime.transfers.seventime_to_sql import SevenTimeToSqlOperator


class SyncTimeLogsOperator(SevenTimeToSqlOperator):
    """Bring a table of time logs up to date: :class:`SevenTimeToSqlOperator` for ``timeLogs``.

    ::

        SyncTimeLogsOperator(
            task_id="sync", sql_conn_id="warehouse", start="{{ data_interval_start }}", end="{{ data_interval_end }}"
        )

    :param sql_conn_id: the Airflow connection of the database (templated).
    :param table: ``table`` or ``schema.table``, made when it is not there (templated). Defaults to
        ``seventime_time_logs``.
    :param kwargs: what :class:`SevenTimeToSqlOperator` takes: ``mode``, ``modified_since``, ``start`` and ``end`` (a
        window goes by the time log's own ``timestamp``), ``filters``, ``deletions`` and the rest.
    """

    def __init__(self, *, sql_conn_id: str, table: str = "seventime_time_logs", **kwargs: Any) -> None:
        super().__init__(resource="timeLogs", sql_conn_id=sql_conn_id, table=table, **kwargs)
