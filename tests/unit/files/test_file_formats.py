"""The format of a file follows from the ending of its path or from a format name."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.files.file_formats import ENDINGS, FileFormat, format_of_file, format_of_folder


@pytest.mark.parametrize(
    ("name", "file_format"),
    [
        ("time_logs.jsonl", FileFormat.JSON_LINES),
        ("time_logs.ndjson", FileFormat.JSON_LINES),
        ("time_logs.jsonl.gz", FileFormat.GZIPPED_JSON_LINES),
        ("time_logs.ndjson.gz", FileFormat.GZIPPED_JSON_LINES),
        ("time_logs.parquet", FileFormat.PARQUET),
        ("TIME_LOGS.PARQUET", FileFormat.PARQUET),
        ("2026-09.1.parquet", FileFormat.PARQUET),
    ],
)
def test_the_ending_decides(name, file_format):
    assert format_of_file(f"s3://lake/{name}", None) is file_format
    assert format_of_file(f"/srv/{name}", str(file_format)) is file_format


def test_a_path_without_an_ending_needs_a_format():
    assert format_of_file("s3://lake/time_logs", "jsonl.gz") is FileFormat.GZIPPED_JSON_LINES


@pytest.mark.parametrize("name", ["time_logs", "time_logs.json", "time_logs.csv", "time_logs.gz", "parquet"])
def test_an_ending_of_no_format(name):
    with pytest.raises(ConfigError, match=f"^path: the name '{name}' has no ending of a known format") as refused:
        format_of_file(f"s3://lake.parquet/{name}", None)

    assert all(ending in str(refused.value) for ending in ENDINGS)


def test_ending_and_format_disagree():
    with pytest.raises(ConfigError, match="format is parquet, but the ending of path is that of jsonl"):
        format_of_file("/srv/time_logs.jsonl", "parquet")


@pytest.mark.parametrize("decide", [format_of_file, format_of_folder])
def test_an_unknown_format(decide):
    with pytest.raises(ConfigError, match=r"^format: 'parkett' is unknown; did you mean 'parquet'"):
        decide("/srv/time_logs", "parkett")


def test_partitions_are_parquet_by_default():
    assert format_of_folder("s3://lake/time_logs", None) is FileFormat.PARQUET
    assert format_of_folder("s3://lake/time_logs/", "jsonl") is FileFormat.JSON_LINES


@pytest.mark.parametrize("path", ["s3://lake/time_logs.parquet", "s3://lake/time_logs.jsonl/"])
def test_a_folder_that_is_named_like_a_file(path):
    with pytest.raises(ConfigError, match="is a file, but with partition_by the path is the folder"):
        format_of_folder(path, "parquet")
