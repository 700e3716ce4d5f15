"""Spool: rows in a temporary file between the read and the write."""

from __future__ import annotations

import subprocess
import sys
import tempfile

import pytest

from airflow_provider_seventime.exceptions import WarehouseError
from airflow_provider_seventime.warehouse.spool import BATCH_ROWS, Spool

ROW = ("a", None, True, False, 0, -(2**63) + 1, 2**63 - 1, "1.10", "rad 1\nrad 2 åäö 😀", '{"_id":"a"}')


def test_batches_have_the_rows_unchanged_and_in_order():
    rows = [(str(number), *ROW[1:]) for number in range(2 * BATCH_ROWS + 1)]

    with Spool() as spool:
        for row in rows:
            spool.add(row)
        batches = list(spool.batches())

    assert [len(batch) for batch in batches] == [BATCH_ROWS, BATCH_ROWS, 1]
    read = [row for batch in batches for row in batch]
    assert read == rows
    assert list(map(type, read[0])) == list(map(type, ROW))


def test_an_empty_spool_has_no_batches():
    with Spool() as spool:
        assert list(spool.batches()) == []


def test_the_file_is_closed_at_the_end():
    with Spool() as spool:
        spool.add(ROW)

    with pytest.raises(ValueError, match="closed"):
        list(spool.batches())


def test_a_file_that_cannot_be_created_is_a_transient_error(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))

    with pytest.raises(WarehouseError, match="set TMPDIR to a folder that has room") as failed:
        Spool()

    assert failed.value.transient


FULL_DISK = """
import resource
import signal
from airflow_provider_seventime.exceptions import WarehouseError
from airflow_provider_seventime.warehouse.spool import BATCH_ROWS, Spool

resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Spool() as spool:
    try:
        for number in range({rows}):
            spool.add((str(number), "x" * 1_000))
        list(spool.batches())
    except WarehouseError as error:
        print(error.transient, error)
"""


@pytest.mark.parametrize("rows", [pytest.param("101", id="last-batch"), pytest.param("5 * BATCH_ROWS", id="a-batch")])
def test_a_full_disk_is_a_transient_error(rows):
    shown = subprocess.run(
        [sys.executable, "-c", FULL_DISK.format(rows=rows)], capture_output=True, text=True, check=True
    ).stdout

    assert shown.startswith(
        "True the temporary file that holds the rows until the read is complete cannot be written ("
    )
    assert "File too large" in shown
    assert "set TMPDIR to a folder that has room" in shown


def test_the_module_does_not_load_sqlalchemy():
    program = (
        "import sys, airflow_provider_seventime.warehouse.spool; "
        "print([name for name in sys.modules if name.partition('.')[0] == 'sqlalchemy'])"
    )

    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert loaded == "[]\n"
