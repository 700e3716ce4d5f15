"""Where an export's files go and in which form, decided before anything is read."""

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
    """Where the files go.

    :param path: of the one file, or of the folder of the partitions.
    :param file_format: how records stand in them.
    :param file_name: of the file in every partition; empty: there is one file.
    :param partitioning: which records belong together; None: all, in one file.
    :param wanted: partitions that are written even where they are empty.
    """

    path: str
    file_format: FileFormat
    file_name: str = ""
    partitioning: Partitioning | None = None
    wanted: Sequence[str] = ()

    def target(self, partition: str | None) -> str:
        """Return the path of a partition's file; None: of the one file."""
        if self.partitioning is None or partition is None:
            return self.path
        return f"{self.path}/{self.partitioning.folder(partition)}/{self.file_name}"


def file_layout(path: str, given_format: str | None) -> Layout:
    """Return the layout of one file.

    :param path: as the operator was told.
    :param given_format: as the operator was told.
    :raises ConfigError: the path or the format cannot be used, or the bucket is not there.
    """
    path = str(path).strip()
    target = target_path(path)
    file_format = format_of_file(path, given_format)
    _require_packages(file_format)
    require_container(target)
    return Layout(path, file_format)


def partitioned_layout(path: str, given_format: str | None, partition_by: str, *, plan: Plan, zone: tzinfo) -> Layout:
    """Return the layout of a folder of partitions.

    A window's partitions are known from its borders. A full read replaces every partition that is there, so the storage
    is asked for those.

    :param path: as the operator was told; of the folder.
    :param given_format: as the operator was told.
    :param partition_by: ``day`` or ``month``.
    :param plan: what is read.
    :param zone: the account's time zone.
    :raises ConfigError: the path, the format or the plan do not go with partitions, the bucket is not there, or it
        may not be listed.
    :raises WarehouseError: the storage cannot be asked.
    """
    partitioning = partitioning_of(plan.collection, partition_by, zone)
    if plan.mode == "incremental":
        raise ConfigError(
            "modified_since does not go with partition_by: a partition is written whole, and what changed is a part of "
            "many. Read a window (start and end) or everything"
        )
    folder = str(path).strip().rstrip("/")
    file_format = format_of_folder(folder, given_format)
    _require_packages(file_format)
    file_name = f"{plan.collection.name}.{file_format}"
    target = target_path(f"{folder}/{file_name}")
    require_container(target)
    if plan.window is not None:
        wanted = partitioning.between(*plan.window[1:])
    else:
        wanted = _partitions_there(target.fs, target.path, partitioning, folder)
    return Layout(folder, file_format, file_name, partitioning, wanted)


def _require_packages(file_format: FileFormat) -> None:
    if file_format is not FileFormat.PARQUET:
        return
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            "format: Parquet needs the package pyarrow; install airflow-provider-seventime[parquet], or write jsonl"
        ) from error


def _partitions_there(storage: Any, path: str, partitioning: Partitioning, folder: str) -> list[str]:
    parent, _, file_name = path.rpartition("/")
    with storage_errors(f"path: {folder}", "cannot be listed, which a read of everything needs"):
        storage.invalidate_cache()
        found = storage.glob(f"{escape(parent)}/{partitioning.folder('*')}/{file_name}")
    values = (str(one).rsplit("/", 2)[1].partition("=")[2] for one in found)
    return sorted(value for value in values if partitioning.is_value(value))
