"""Folder of one user: what other users, links, full disks and suspended processes do to it."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_seventime.api.rate_limit.private_folder import (
    MAX_LOCK_SECONDS,
    PASSING_CODES,
    PrivateFolder,
    shared_folder,
)
from airflow_provider_seventime.exceptions import ConfigError, TransportError

OTHER_USER = 65534


def folder_at(path: Path, **options: Any) -> PrivateFolder:
    return PrivateFolder(path, "the rate limit", **options)


def use(folder: PrivateFolder) -> None:
    with folder.locked("state"):
        pass


@contextmanager
def limited(kind: int, most: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(kind, (soft, hard))


def test_folder_and_files_are_the_users_own(tmp_path):
    path = tmp_path / "folder"
    path.mkdir(mode=0o755)
    with folder_at(path).locked("state") as file:
        file.write(b"content")
        assert os.get_inheritable(file.fileno()) is False

    assert (path.stat().st_mode & 0o777, (path / "state").stat().st_mode & 0o777) == (0o700, 0o600)
    assert folder_at(path).read("state") == b"content"


def test_a_file_is_replaced_as_a_whole(tmp_path):
    folder = folder_at(tmp_path)
    folder.replace("notes", b"long content")
    before = (tmp_path / "notes").stat().st_ino
    folder.replace("notes", b"short")

    assert folder.read("notes") == b"short"
    assert (tmp_path / "notes").stat().st_ino != before
    assert {path.name for path in tmp_path.iterdir()} == {"notes"}


PLANTED: dict[str, Callable[[Path, Path], object]] = {
    "a link to a file": lambda path, precious: path.symlink_to(precious),
    "a second name of a file": lambda path, precious: path.hardlink_to(precious),
    "a link to nothing": lambda path, precious: path.symlink_to(precious.with_name("missing")),
    "a pipe": lambda path, _: os.mkfifo(path),
    "a folder": lambda path, _: path.mkdir(),
}


def test_what_another_user_planted_is_refused(tmp_path, subtests):
    for number, (name, plant) in enumerate(PLANTED.items()):
        precious = tmp_path / f"precious{number}"
        precious.write_text("mine")
        path = tmp_path / f"folder{number}"
        path.mkdir()
        for file in ("state", "notes.new"):
            plant(path / file, precious)
        folder = folder_at(path)
        with subtests.test(planted=name):
            with (
                pytest.raises(ConfigError, match=r"cannot be shared on this machine.*\nMake .* of this user's own"),
                folder.locked("state") as opened,
            ):
                opened.write(b"overwritten")
            with pytest.raises(ConfigError, match="cannot be shared"), folder.locked("lock"):
                folder.replace("notes", b"overwritten")
            assert precious.read_text() == "mine"
            assert not precious.with_name("missing").exists()


def test_a_folder_that_is_no_folder_of_this_user_is_refused(tmp_path, subtests):
    own = tmp_path / "own"
    own.mkdir()
    (tmp_path / "link").symlink_to(own)
    (tmp_path / "file").write_text("a file")
    cases = {"link": "Not a directory", "file": "Not a directory", "missing/folder": "No such file"}
    if os.getuid() == 0:
        (tmp_path / "other").mkdir()
        os.chown(tmp_path / "other", OTHER_USER, -1)
        cases["other"] = f"belongs to the user with the id {OTHER_USER}"
    for name, reason in cases.items():
        with subtests.test(folder=name), pytest.raises(ConfigError, match=reason):
            use(folder_at(tmp_path / name))
    assert list(own.iterdir()) == []


def test_passing_errors_are_transient_and_nothing_was_sent(tmp_path):
    folder = folder_at(tmp_path)
    with limited(resource.RLIMIT_NOFILE, 3), pytest.raises(TransportError, match="Too many open files") as caught:
        use(folder)

    assert (caught.value.transient, caught.value.sent, caught.value.fault) == (True, False, "pacing")
    assert {errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.EIO} <= PASSING_CODES
    use(folder)


def test_the_wait_for_a_lock_is_bounded_and_logged(tmp_path, caplog):
    waits: list[float] = []
    folder = folder_at(tmp_path, sleep=waits.append)
    caplog.set_level("INFO")
    with (tmp_path / "state").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(TransportError, match="another process has held the lock of state for 10 s"):
            use(folder)

    assert MAX_LOCK_SECONDS <= sum(waits) < MAX_LOCK_SECONDS + 1
    assert caplog.messages == [f"Waiting for another process that holds the lock of {tmp_path}/state"]


def test_a_machine_without_temporary_folder_says_what_to_do(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", None)
    with limited(resource.RLIMIT_FSIZE, 0), pytest.raises(ConfigError, match=r"no folder .*\nSet TMPDIR .*redis://"):
        shared_folder()
