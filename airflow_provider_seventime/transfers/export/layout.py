"""Paths and format of an export's files, decided before any record is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from glob import escape
from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.files.file_formats import FileFormat, format_of_file, format_of_folder
from airflow_provider_seventime.files.partitions import Partitioning, partitioning_of
from airflow_provider_seventime.transfers.export.atomic_write import require_container, target_path
from airflow_provider_seventime.transfers.export.storage_errors import storage_errors
from airflow_provider_seventime.transfers.reading.plan import Plan

if TYPE_CHECKING:
    from datetime import tzinfo


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths and format of the files.

    :param path: path of the single file, or of the folder of the partitions.
    :param file_format: format of the files.
    :param file_name: name of the file in each partition; empty: there is a single file.
    :param partitioning: assigns records to partitions; None: there is a single file.
    :param required: partitions that are written even if they are empty.
    """

    path: str
    file_format: FileFormat
    file_name: str = ""
    partitioning: Partitioning | None = None
    required: Sequence[str] = ()

    def target(self, partition: str | None) -> str:
        """Return the path of a partition's file; None: the path of the single file."""
        if self.partitioning is None or partition is None:
            return self.path
        return f"{self.path}/{self.partitioning.folder(partition)}/{self.file_name}"


def file_layout(path: str, format_name: str | None) -> Layout:
    """Return the layout of a single file.

    :param path: the operator's ``path``.
    :param format_name: the operator's ``format``.
    :raises ConfigError: the path or the format cannot be used, or the bucket does not exist.
    :raises WarehouseError: the storage does not answer.
    """
    path = str(path).strip()
    target = target_path(path)
    file_format = format_of_file(path, format_name)
    _require_packages(file_format)
    require_container(target)
    return Layout(path, file_format)


def partitioned_layout(path: str, format_name: str | None, partition_by: str, *, plan: Plan, zone: tzinfo) -> Layout:
    """Return the layout of a folder of partitions.

    The partitions of a window follow from its start and end. A full read replaces every existing partition, so the
    storage is listed for those.

    :param path: the operator's ``path``, that of the folder.
    :param format_name: the operator's ``format``.
    :param partition_by: ``day`` or ``month``.
    :param plan: the records to read.
    :param zone: the account's time zone.
    :raises ConfigError: the path, the format or the plan cannot be used with partitions, or the bucket does not exist
        or may not be listed.
    :raises WarehouseError: the storage does not answer.
    """
    partitioning = partitioning_of(plan.collection, partition_by, zone)
    if plan.mode == "incremental":
        raise ConfigError(
            "modified_since cannot be combined with partition_by: partitions are written whole, but changed records "
            "are only a part of many partitions.\nRead a window (start and end) or everything."
        )
    folder = str(path).strip().rstrip("/")
    file_format = format_of_folder(folder, format_name)
    _require_packages(file_format)
    file_name = f"{plan.collection.name}.{file_format}"
    target = target_path(f"{folder}/{file_name}")
    require_container(target)
    if plan.window is not None:
        required = partitioning.between(*plan.window[1:])
    else:
        required = _existing_partitions(target.fs, target.path, partitioning, folder)
    return Layout(folder, file_format, file_name, partitioning, required)


def _require_packages(file_format: FileFormat) -> None:
    if file_format is not FileFormat.PARQUET:
        return
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            "format: Parquet requires the package pyarrow, which is not installed.\n"
            "Install airflow-provider-seventime[parquet], or use the format jsonl."
        ) from error


def _existing_partitions(storage: Any, path: str, partitioning: Partitioning, folder: str) -> list[str]:
    parent, _, file_name = path.rpartition("/")
    with storage_errors(f"path: {folder}", "cannot be listed, which a full read requires"):
        storage.invalidate_cache()
        found = storage.glob(f"{escape(parent)}/{partitioning.folder('*')}/{file_name}")
    values = (str(one).rsplit("/", 2)[1].partition("=")[2] for one in found)
    return sorted(value for value in values if partitioning.is_value(value))
