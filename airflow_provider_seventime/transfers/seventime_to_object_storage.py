"""Export of a collection to JSON Lines or Parquet files on any object storage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from airflow_provider_seventime.hooks.parameter_types import refuse_wrong_types
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.hooks.task_errors import permanent_failures_end_the_task
from airflow_provider_seventime.templates import require_rendered
from airflow_provider_seventime.transfers.collection_transfer import CollectionTransfer
from airflow_provider_seventime.transfers.reading.read_parameters import OVERLAP_SECONDS, Moment, ReadParameters

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context


class SevenTimeToObjectStorageOperator(CollectionTransfer):
    """Write the records of a collection to a single file, or to one file for each day or month.

    ::

        SevenTimeToObjectStorageOperator(
            task_id="time_logs",
            resource="timeLogs",
            path="s3://aws_default@lake/time_logs",
            partition_by="month",
            start="{{ data_interval_start | ds }}",
            end="{{ data_interval_end | ds }}",
        )

    The window is the data interval of a DAG with ``schedule=CronDataIntervalTimetable("0 6 1 * *", timezone="UTC")``. A
    cron text has empty data intervals in Airflow 3.

    **Mode.** ``start`` and ``end`` read the records of ``[start, end)``. ``modified_since`` reads the records changed
    since then. Without them, all records are read. Dates and times may be ``date``, ``datetime`` or ISO text. A time
    without a zone is in the account's time zone.

    **Files.** The operator writes all files on the worker before it publishes the first one. Each file is complete as
    soon as it appears, and replaces the file of an earlier run. So a repeated run ends in the same files.

    **Partitions.** With ``partition_by``, files have Hive's names, for example
    ``<path>/month=2026-09/timeLogs.parquet``. A record belongs to the day or month of its date in the account's time
    zone. A run writes every partition of its window, and a full read every existing partition. A partition without
    records becomes an empty file. The window must begin and end with a partition. Records without a date, such as
    drafts of invoices, are in ``month=__HIVE_DEFAULT_PARTITION__``, which only a full read writes.

    Returned to XCom: the manifest, a dict:

    * ``resource``, ``path``, ``format``
    * ``mode``: ``full``, ``incremental`` or ``window``; with ``start``, ``end`` and ``modified_since``
    * ``rows_read``, ``rows_written``, ``rows_without_date``, ``bytes_written``
    * ``partitions``: number of files; with ``first_partition`` and ``last_partition``
    * ``requests_made``, ``rejections`` (responses 429), ``waited_seconds`` (for the rate limit)
    * ``watermark``: the instant at which the read began

    :param resource: the API's name of the collection, for example ``timeLogs`` (templated).
    :param path: path of the file, or of the folder with ``partition_by``: a URL of any object storage, or an absolute
        local path (templated).
    :param format: ``jsonl``, ``jsonl.gz`` or ``parquet`` (templated). None: the ending of ``path`` decides (``.jsonl``,
        ``.ndjson``, both also with ``.gz``, or ``.parquet``); with ``partition_by`` the format is Parquet.
    :param partition_by: ``day`` or ``month`` (templated), only for collections with a date filter. None: a single file.
    :param modified_since: read the records changed since then (templated), only for collections with ``lastModified``.
    :param start: first instant of the window (templated), only for collections with a date filter.
    :param end: first instant after the window (templated).
    :param filters: the API's filters of the collection except those for time, for example ``{"project": id}``
        (templated). None: all records.
    :param overlap_seconds: start reading so many seconds before ``modified_since``, because the clocks of Airflow and
        Seven Time differ. Defaults to 300.
    :param min_expected_rows: fail and publish nothing if fewer records are read (templated). None: accept any
        number.
    :param exclude_fields: dotted paths of fields to leave out of columns and ``record`` (templated).
    :param hash_fields: dotted paths of fields to replace by a keyed hash (templated). The key is the connection's extra
        ``hash_secret``.
    :param seventime_conn_id: Airflow connection of Seven Time (templated). Defaults to ``seventime_default``.
    """

    template_fields: Sequence[str] = (
        "resource",
        "path",
        "format",
        "partition_by",
        "modified_since",
        "start",
        "end",
        "filters",
        "min_expected_rows",
        "exclude_fields",
        "hash_fields",
        "seventime_conn_id",
    )

    def __init__(
        self,
        *,
        resource: str,
        path: str,
        format: Literal["jsonl", "jsonl.gz", "parquet"] | None = None,  # noqa: A002 - what it is
        partition_by: Literal["day", "month"] | None = None,
        modified_since: Moment | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        filters: Mapping[str, Any] | None = None,
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
        self.path = path
        self.format = format
        self.partition_by = partition_by
        refuse_wrong_types(self)

    def execute(self, context: Context) -> dict[str, Any]:
        """Read the records, write the files, and publish them. Return the manifest.

        :raises PermanentTaskError: a parameter, a connection or the storage is wrong; no file is published.
        :raises SevenTimeError: a transient failure. The next try starts again and ends in the same files.
        """
        from airflow_provider_seventime.transfers.export.export_collection import ExportJob, export_collection
        from airflow_provider_seventime.transfers.lineage.asset_events import file_lineage, report

        self._lineage = None  # of this try
        with permanent_failures_end_the_task():
            for name in ("resource", "path", "format", "partition_by", "seventime_conn_id"):
                if getattr(self, name) is not None:
                    require_rendered(name, getattr(self, name))
            with self._open_client() as client:
                self._show_links(context, client, self.resource)
                job = ExportJob(
                    **self._read_parameters(), path=self.path, format=self.format, partition_by=self.partition_by
                )
                manifest = export_collection(client, job)
                self._lineage = file_lineage(client, manifest, exclude_fields=self.exclude_fields)
        report(self._lineage, context, self.outlets, SevenTimeHook(self.seventime_conn_id))
        return manifest
