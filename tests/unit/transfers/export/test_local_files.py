"""Local files of several runs: whole, with their usual permissions, and nothing left of runs that died."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from airflow_provider_seventime.transfers.export.local_files import replace_local_file, temporary_name

OTHER_SIZES = [b"first\n" * 100_000, b"second run, longer\n" * 200_000]

# Killed while it writes: it prints the name of its temporary file and waits.
WRITER = """
import sys, time
from pathlib import Path
from airflow_provider_seventime.transfers.export.local_files import replace_local_file

def write(path):
    Path(path).write_bytes(b"half")
    print(path, flush=True)
    time.sleep(60)

replace_local_file(Path(sys.argv[1]), write)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "books.si"


@pytest.fixture
def writer(path):
    """Start a process that is writing the file; return it and its temporary file."""
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    yield process, Path(process.stdout.readline().strip())
    end(process)


def end(process):
    process.kill()
    process.wait()
    process.stdout.close()


def files_in(folder):
    return sorted(path.name for path in folder.iterdir())


def put(content):
    return lambda path: Path(path).write_bytes(content)


def test_of_two_runs_at_once_one_file_remains_whole(path):
    together = Barrier(2)

    def write(content):
        def slowly(temporary):
            half = len(content) // 2
            with Path(temporary).open("wb") as file:
                file.write(content[:half])
                together.wait(10)
                file.write(content[half:])

        replace_local_file(path, slowly)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(write, OTHER_SIZES))

    assert path.read_bytes() in OTHER_SIZES
    assert files_in(path.parent) == ["books.si"]


def test_the_temporary_file_is_private_and_the_file_is_not(path):
    modes = []

    def write(temporary):
        modes.append(Path(temporary).stat().st_mode & 0o777)

    previous = os.umask(0o027)
    try:
        replace_local_file(path, write)
    finally:
        os.umask(previous)
    modes.append(path.stat().st_mode & 0o777)
    path.chmod(0o604)
    replace_local_file(path, write)

    assert [*modes, path.stat().st_mode & 0o777] == [0o600, 0o640, 0o600, 0o604]


def test_a_planted_link_is_not_followed(path):
    precious = path.with_name("precious")
    precious.write_text("mine")
    planted = path.with_name(temporary_name(path.name))
    planted.symlink_to(precious)

    replace_local_file(path, put(b"new"))

    assert (path.read_bytes(), precious.read_text()) == (b"new", "mine")


def test_the_temporary_file_of_a_run_is_kept_while_it_lives_and_removed_after_its_death(path, writer):
    process, temporary = writer
    replace_local_file(path, put(b"new"))
    assert temporary.read_bytes() == b"half"

    end(process)
    replace_local_file(path, put(b"newer"))

    assert path.read_bytes() == b"newer"
    assert files_in(path.parent) == ["books.si"]


def test_files_with_similar_names_are_not_removed(path):
    others = [".books.si.partial", ".books.si.0123456789abcdeg.partial", ".other.si.0123456789abcdef.partial"]
    for name in others:
        path.with_name(name).write_text("mine")

    replace_local_file(path, put(b"new"))

    assert files_in(path.parent) == sorted([*others, "books.si"])


def test_a_failed_write_leaves_nothing(path):
    def interrupted(temporary):
        Path(temporary).write_bytes(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace_local_file(path, interrupted)

    assert files_in(path.parent) == []
