"""Formats of a file of records, chosen by name or by the ending of its path."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from airflow_provider_seventime.contract.names import suggestion
from airflow_provider_seventime.exceptions import ConfigError


class FileFormat(StrEnum):
    """Format of a file. The value is the ending of its name, without the dot."""

    JSON_LINES = "jsonl"
    GZIPPED_JSON_LINES = "jsonl.gz"
    PARQUET = "parquet"


ENDINGS: Mapping[str, FileFormat] = {
    ".jsonl": FileFormat.JSON_LINES,
    ".ndjson": FileFormat.JSON_LINES,
    ".jsonl.gz": FileFormat.GZIPPED_JSON_LINES,
    ".ndjson.gz": FileFormat.GZIPPED_JSON_LINES,
    ".parquet": FileFormat.PARQUET,
}


def format_of_file(path: str, format_name: str | None) -> FileFormat:
    """Return the format of a single file.

    :param path: path or URL of the file.
    :param format_name: name of the format; None: the ending of the path decides.
    :raises ConfigError: the format is unknown or missing, or the name and the ending disagree.
    """
    by_ending = _format_by_ending(path)
    chosen = _format_by_name(format_name) or by_ending
    if chosen is None:
        raise ConfigError(
            f"path: the name {path.rpartition('/')[2]!r} has no ending of a known format.\nUse one of "
            f"{', '.join(ENDINGS)} (JSON is written as one record a line), or set format."
        )
    if by_ending is not None and chosen is not by_ending:
        raise ConfigError(f"format is {chosen}, but the ending of path is that of {by_ending}.\nLeave one of them out.")
    return chosen


def format_of_folder(path: str, format_name: str | None) -> FileFormat:
    """Return the format of the files in a folder of partitions.

    :param path: path or URL of the folder.
    :param format_name: name of the format; None: Parquet.
    :raises ConfigError: the format is unknown, or the path is that of a file.
    """
    if _format_by_ending(path) is not None:
        raise ConfigError(
            f"path: {path!r} is a file, but with partition_by the path is the folder of the partitions.\n"
            "Leave the file name out, and set format."
        )
    return _format_by_name(format_name) or FileFormat.PARQUET


def _format_by_name(format_name: str | None) -> FileFormat | None:
    if format_name is None:
        return None
    try:
        return FileFormat(format_name)
    except ValueError as error:
        advice = suggestion(str(format_name), [known.value for known in FileFormat])
        raise ConfigError(f"format: {format_name!r:.60} is unknown; {advice}") from error


def _format_by_ending(path: str) -> FileFormat | None:
    name = path.rstrip("/").rpartition("/")[2].lower()
    return next((file_format for ending, file_format in ENDINGS.items() if name.endswith(ending)), None)
