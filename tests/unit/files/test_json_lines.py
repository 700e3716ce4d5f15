"""JSON Lines files: one record a line, plain or gzipped, the same bytes for the same records."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from airflow_provider_seventime.files.json_lines import LINES_PER_WRITE, JsonLinesFile

LINES = ['{"_id":"a","userName":"Åsa Öberg"}'.encode(), b'{"_id":"b","cost":10690.5824}']


def written(path, *, compressed, lines=LINES):
    with JsonLinesFile(path, compressed=compressed) as file:
        assert file.add_all(iter(lines)) == len(lines)
    return path.read_bytes()


def test_one_record_a_line(tmp_path):
    content = written(tmp_path / "a.jsonl", compressed=False)

    assert content == LINES[0] + b"\n" + LINES[1] + b"\n"
    assert [json.loads(line)["_id"] for line in content.splitlines()] == ["a", "b"]


def test_gzipped(tmp_path):
    assert gzip.decompress(written(tmp_path / "a.jsonl.gz", compressed=True)) == b"\n".join([*LINES, b""])


@pytest.mark.parametrize("count", [LINES_PER_WRITE - 1, LINES_PER_WRITE, 2 * LINES_PER_WRITE + 1])
def test_any_number_of_records(tmp_path, count):
    lines = [b'{"_id":"%d"}' % number for number in range(count)]

    assert written(tmp_path / "a.jsonl", compressed=False, lines=lines) == b"".join(line + b"\n" for line in lines)


@pytest.mark.parametrize("compressed", [False, True])
def test_no_records(tmp_path, compressed):
    content = written(tmp_path / "a", compressed=compressed, lines=[])

    assert (gzip.decompress(content) if compressed else content) == b""


def test_the_same_records_make_the_same_file(tmp_path, time_machine):
    time_machine.move_to("2026-10-01")
    one = written(tmp_path / "one.jsonl.gz", compressed=True)
    time_machine.move_to("2026-10-02")

    assert written(tmp_path / "other.jsonl.gz", compressed=True) == one


def test_an_existing_file_is_overwritten(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"old" * 1000)

    assert written(path, compressed=False).startswith(LINES[0])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full, a disk that is always full")
@pytest.mark.parametrize("compressed", [False, True])
def test_a_full_disk(compressed):
    full = Path("/dev/full")

    with pytest.raises(OSError, match="No space left on device"), JsonLinesFile(full, compressed=compressed) as file:
        file.add_all([b"x" * 100_000])
