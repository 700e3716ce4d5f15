"""The forms of a file of records, and which of them its name tells."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from airflow_provider_seventime.contract.names import suggestion
from airflow_provider_seventime.exceptions import ConfigError


class FileFormat(StrEnum):
    """How records stand in a file; the value is the ending of its name, without the dot."""

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


def format_of_file(path: str, given: str | None) -> FileFormat:
    """Return the format of a single file.

    :param path: its path or URL.
    :param given: the format's name; None: the ending of the path tells.
    :raises ConfigError: there is no such format, neither tells it, or the two disagree.
    """
    told = _told_by(path)
    chosen = _named(given) or told
    if chosen is None:
        raise ConfigError(
            f"path: the name {path.rpartition('/')[2]!r} does not tell a format. Let it end in one of "
            f"{', '.join(ENDINGS)} (JSON is written one record a line), or give format"
        )
    if told is not None and chosen is not told:
        raise ConfigError(f"format is {chosen} and path ends in that of {told}; leave one of them out")
    return chosen


def format_of_folder(path: str, given: str | None) -> FileFormat:
    """Return the format of the files in a folder of partitions, which is Parquet where none is given.

    :param path: of the folder.
    :param given: the format's name, or None.
    :raises ConfigError: there is no such format, or the path names a file.
    """
    if _told_by(path) is not None:
        raise ConfigError(
            f"path: {path!r} names a file, and with partition_by it is the folder of the partitions; leave the name "
            "out and give format"
        )
    return _named(given) or FileFormat.PARQUET


def _named(given: str | None) -> FileFormat | None:
    if given is None:
        return None
    try:
        return FileFormat(given)
    except ValueError as error:
        raise ConfigError(
            f"format: {given!r:.60} is unknown; {suggestion(str(given), [known.value for known in FileFormat])}"
        ) from error


def _told_by(path: str) -> FileFormat | None:
    name = path.rstrip("/").rpartition("/")[2].lower()
    return next((told for ending, told in ENDINGS.items() if name.endswith(ending)), None)
