"""Failures leave existing files unchanged, and their errors say what to do."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from airflow_provider_seventime.exceptions import ConfigError, IncompleteReadError, MisfitError, WarehouseError
from airflow_provider_seventime.hooks.task_errors import PermanentTaskError

SUMMER = {"start": "2026-07-01", "end": "2026-10-01"}


@pytest.fixture
def exported_before(export, lake, files_in):
    export(path=str(lake / "time_logs.parquet"))
    export(path=str(lake / "months"), partition_by="month")
    return files_in(lake)


def both(lake):
    return [
        {"path": str(lake / "time_logs.parquet")},
        {"path": str(lake / "months"), "partition_by": "month", **SUMMER},
    ]


def temporary_files():
    return [path.name for path in Path(tempfile.gettempdir()).glob("seventime-*/*") if path.suffix == ".parquet"]


@pytest.mark.parametrize("one", [0, 1], ids=["file", "partitions"])
def test_an_incomplete_read_publishes_nothing(export, sandbox, exported_before, lake, files_in, one):
    sandbox.set_faults([{"kind": "status", "status": 400, "times": 100}])

    with pytest.raises(PermanentTaskError):
        export(**both(lake)[one])

    assert files_in(lake) == exported_before
    assert temporary_files() == []


@pytest.mark.parametrize("one", [0, 1], ids=["file", "partitions"])
def test_a_record_with_a_wrong_value_publishes_nothing(export, sandbox, exported_before, lake, files_in, time_log, one):
    sandbox.load({"timeLogs": [time_log("zzz", "2026-09-30T06:00:00.000Z", cost="a lot")]})

    with pytest.raises(PermanentTaskError, match=r"^timeLogs 'zzz': cost holds a text of 5 .*no number\s") as refused:
        export(**both(lake)[one])

    assert isinstance(refused.value.__cause__, MisfitError)
    assert files_in(lake) == exported_before
    assert temporary_files() == []


@pytest.mark.parametrize("one", [0, 1], ids=["file", "partitions"])
def test_fewer_rows_than_expected_publish_nothing(export, sandbox, exported_before, lake, files_in, one):
    number = len(sandbox.records("timeLogs"))

    with pytest.raises(
        IncompleteReadError, match=f"the read has {number} records, and at least {number + 1} are expected"
    ):
        export(**both(lake)[one], min_expected_rows=number + 1)

    assert files_in(lake) == exported_before
    assert export(**both(lake)[one], min_expected_rows=number)["rows_written"] == number


@pytest.mark.parametrize("wrong", ["many", 1.5, True])
def test_min_expected_rows_must_be_a_number(export, lake, requests_made, wrong):
    with pytest.raises((ConfigError, PermanentTaskError), match=r"min_expected_rows must be a (whole )?number"):
        export(path=str(lake / "a.jsonl"), min_expected_rows=wrong)
    assert requests_made() == []


@contextmanager
def small_disk(folder, size):
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("name", ["time_logs.jsonl", "time_logs.parquet"])
def test_a_full_disk_where_the_file_goes(export, lake, files_in, name):
    with small_disk(lake, "64k"):
        (lake / name).write_bytes(b"old")

        with pytest.raises(WarehouseError, match=rf"(?s)^path:\s{lake}/{name}\scannot\sbe\swritten: .*No space left"):
            export(path=str(lake / name))

        assert (lake / name).read_bytes() == b"old"


@pytest.mark.parametrize(
    "parameters", [{"path": "a.jsonl"}, {"path": "a.parquet"}, {"path": "a", "partition_by": "day"}]
)
def test_a_full_temporary_folder_of_the_worker(export, tmp_path, lake, monkeypatch, parameters):
    with small_disk(tmp_path / "worker", "32k"):
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "worker"))

        with pytest.raises(
            WarehouseError, match=r"(?s)^the worker's temporary folder .TMPDIR. cannot be written: .*No space"
        ):
            export(**{**parameters, "path": str(lake / parameters["path"])})
        monkeypatch.undo()

    assert not lake.exists()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc, where not even root makes folders")
def test_a_folder_where_nothing_can_be_written(export):
    with pytest.raises(PermanentTaskError, match=r"^path: /proc/lake/a.jsonl cannot be written") as refused:
        export(path="/proc/lake/a.jsonl")
    assert isinstance(refused.value.__cause__, ConfigError)


def test_a_folder_that_is_a_file(export, lake):
    lake.write_bytes(b"a file")

    with pytest.raises(PermanentTaskError, match=r"(?s)cannot\sbe\swritten: .*correct the path"):
        export(path=str(lake / "a.jsonl"))
    assert lake.read_bytes() == b"a file"


KILLED = """
import os, shutil, signal, sys
def copy_half(source, target):
    with open(source, "rb") as made, open(target, "wb") as half:
        half.write(made.read()[:1000])
        half.flush()
    os.kill(os.getpid(), signal.SIGKILL)
shutil.copyfile = copy_half
from pathlib import Path
from airflow_provider_seventime.transfers.export.atomic_write import publish, target_path
publish(target_path(sys.argv[1]), Path(sys.argv[2]))
"""


def test_a_task_killed_while_it_publishes_leaves_the_old_file(export, exported_before, lake, files_in, tmp_path):
    made = tmp_path / "made"
    made.write_bytes(b"new" * 1000)
    path = lake / "months" / "month=2026-09" / "timeLogs.parquet"

    ended = subprocess.run([sys.executable, "-c", KILLED, str(path), str(made)], timeout=60, check=False)

    assert ended.returncode == -signal.SIGKILL
    left = files_in(lake)
    (partial,) = (name for name in left if name.endswith(".partial"))
    assert partial.startswith("months/month=2026-09/.timeLogs.parquet.")
    assert left.pop(partial) == made.read_bytes()[:1000]
    assert left == exported_before
    export(**both(lake)[1])
    assert files_in(lake) == exported_before


def test_pyarrow_is_missing(export, lake, requests_made, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)

    for parameters in both(lake):
        with pytest.raises(PermanentTaskError, match=r"Install airflow-provider-seventime\[parquet\]"):
            export(**parameters)
    assert requests_made() == []


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"path": "{lake}/time_logs.json"}, "has no ending of a known format"),
        ({"path": "{lake}/time_logs.csv"}, "has no ending of a known format"),
        ({"path": "{lake}/"}, "Add the name of the file"),
        ({"path": "time_logs.jsonl"}, "is relative"),
        ({"path": "None"}, "a template rendered to nothing"),
        ({"path": ""}, "a template rendered to nothing"),
        ({"path": "{lake}/a.jsonl", "format": "None"}, "format is empty"),
        ({"path": "{lake}/a.jsonl", "format": "parquet"}, "format is parquet, but the ending of path is that of jsonl"),
        ({"path": "{lake}/a.jsonl", "start": "2026-09-01"}, "end is missing"),
        ({"path": "{lake}/a.jsonl", "exclude_fields": ["nickname"]}, "invalid protection of timeLogs:"),
        ({"path": "{lake}/a.jsonl", "filters": {"usr": "x"}}, "usr"),
        ({"path": "{lake}/a.jsonl", "resource": "timelogs"}, "did you mean 'timeLogs'"),
        ({"path": "{lake}/a.jsonl", "resource": "invoices", "modified_since": "2026-09-01"}, "no filter lastModified"),
        ({"path": "{lake}/a.jsonl", "resource": "customers", **SUMMER}, "cannot be read by start and end"),
        ({"path": "nowhere://lake/a.jsonl"}, "the storage of 'nowhere://"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(export, lake, requests_made, parameters, said):
    with pytest.raises(PermanentTaskError, match=said):
        export(**{**parameters, "path": parameters["path"].format(lake=lake)})
    assert requests_made() == []
    assert not lake.exists()
