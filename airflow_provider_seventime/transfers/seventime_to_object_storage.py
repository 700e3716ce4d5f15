"""Write a collection into files: JSON Lines or Parquet, on any object storage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.hooks.task_errors import permanent_failures_end_the_task
from airflow_provider_seventime.templates import require_rendered
from airflow_provider_seventime.transfers.collection_transfer import CollectionTransfer
from airflow_provider_seventime.transfers.reading.read_parameters import OVERLAP_SECONDS, Moment, ReadParameters

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context


class SevenTimeToObjectStorageOperator(CollectionTransfer):
    """Write the records of a collection into one file, or into a file for every day or month.

    There are three ways to read, chosen by what is given: ``modified_since`` reads what changed since then; ``start``
    and ``end`` read the records of ``[start, end)``; nothing at all reads everything. Everything is read, checked and
    written on the worker before the first file is published, and a file appears whole or not at all, in the place of
    the one of an earlier run: running it again ends in the same files.

    ::

        SevenTimeToObjectStorageOperator(
            task_id="time_logs",
            resource="timeLogs",
            path="s3://aws_default@lake/time_logs",
            partition_by="month",
            start="{{ data_interval_start | ds }}",
            end="{{ data_interval_end | ds }}",
        )

    With ``partition_by``, files are ``<path>/month=2026-09/timeLogs.parquet``, as Hive names partitions. A record
    belongs to the day or month of its date in the account's time zone; records without one, such as drafts of invoices,
    are in ``month=__HIVE_DEFAULT_PARTITION__``, which only a full read writes. Every partition of the window, and in a
    full read every partition that is there, is written: empty where there are no records any more. The window begins
    and ends where partitions do.

    Dates and times may be ``date``, ``datetime`` or ISO text; what has no zone is in the account's time.

    Returned to XCom: ``resource``, ``path``, ``format``, ``mode`` (``full``, ``incremental``, ``window``), ``start``,
    ``end``, ``modified_since``, ``rows_read``, ``rows_written``, ``bytes_written``, ``partitions`` (how many were
    written), ``first_partition``, ``last_partition``, ``rows_without_date``, ``requests_made``, ``waited_seconds``,
    ``rejections`` (answers 429), and ``watermark``, the instant at which the read began.

    :param resource: the API's name of the collection, for example ``timeLogs`` (templated).
    :param path: of the file, or with ``partition_by`` of the folder: a URL of any object storage, or an absolute local
        path (templated).
    :param format: ``jsonl``, ``jsonl.gz`` or ``parquet`` (templated). None: the ending of ``path`` tells (``.jsonl``,
        ``.ndjson``, each also with ``.gz``, ``.parquet``), and with ``partition_by`` it is Parquet.
    :param partition_by: ``day`` or ``month`` (templated); only for collections that have a date filter. None: one file.
    :param modified_since: read what changed since then (templated); only for collections that have ``lastModified``.
    :param start: first instant of the window (templated); only for collections that have a date filter.
    :param end: first instant after the window (templated).
    :param filters: the API's filters of the collection except those for time, for example ``{"project": id}``
        (templated). None: all records.
    :param overlap_seconds: how much earlier than ``modified_since`` the read begins, because the clocks of Airflow and
        Seven Time differ. Defaults to 300.
    :param min_expected_rows: fail, with nothing published, when fewer records are read. None: any number will do.
    :param exclude_fields: dotted paths of fields that are left out of columns and ``record`` (templated).
    :param hash_fields: dotted paths of fields of which a keyed hash is kept; the key is the connection's extra
        ``hash_secret`` (templated).
    :param seventime_conn_id: the Airflow connection of Seven Time (templated). Defaults to ``seventime_default``.
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
        min_expected_rows: int | None = None,
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

    def execute(self, context: Context) -> dict[str, Any]:
        """Read, check, write, then publish.

        :raises PermanentTaskError: a parameter, a connection or the storage is wrong; nothing was published.
        :raises SevenTimeError: a passing failure; the next try begins anew and ends in the same files.
        """
        from airflow_provider_seventime.transfers.export.export_collection import ExportJob, export_collection
        from airflow_provider_seventime.transfers.lineage.asset_events import file_lineage, report

        self._lineage = None  # of this try
        with permanent_failures_end_the_task():
            for name in ("resource", "path", "format", "partition_by", "seventime_conn_id"):
                if getattr(self, name) is not None:
                    require_rendered(name, getattr(self, name))
            with SevenTimeHook(self.seventime_conn_id).get_conn() as client:
                job = ExportJob(
                    **self._read_parameters(), path=self.path, format=self.format, partition_by=self.partition_by
                )
                manifest = export_collection(client, job)
                self._lineage = file_lineage(client, manifest, exclude_fields=self.exclude_fields)
        report(self._lineage, context, self.outlets, SevenTimeHook(self.seventime_conn_id))
        return manifest
