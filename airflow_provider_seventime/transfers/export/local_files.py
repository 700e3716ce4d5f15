"""Local files that appear whole, with one temporary file per run beside the target."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def temporary_name(name: str) -> str:
    """Return the name of a temporary file that no other run uses, for example ``.books.si.5f0c….partial``."""
    return f".{name}.{secrets.token_hex(8)}.partial"


def replace_local_file(path: Path, write: Callable[[str], None]) -> None:
    """Write a file, or replace an existing one, so that it appears only when it is complete.

    Of two runs at the same time the file of one remains, whole. The temporary file is readable by its owner only. The
    new file has the permissions of the old one, or those that the umask gives. Temporary files of killed runs are
    removed.

    :param path: the file. Its folder exists.
    :param write: writes the content to the path that it is given.
    :raises OSError: the file cannot be written, or the existing file cannot be replaced.
    """
    _remove_abandoned(path)
    with _temporary_file(path) as (temporary, usual_mode):
        write(str(temporary))
        _flush(temporary)
        temporary.chmod(stat.S_IMODE(path.stat().st_mode) if path.exists() else usual_mode)
        temporary.replace(path)  # the storage's own move copies to the final name if it cannot rename
    with suppress(OSError):  # some file systems cannot flush a folder
        _flush(path.parent)


@contextmanager
def _temporary_file(path: Path) -> Iterator[tuple[Path, int]]:
    """Create a temporary file beside a file, and lock it while it is in use; yield it with the usual mode of files.

    The lock shows other runs that this one is alive. The kernel frees it when the process ends.
    """
    while True:
        temporary = path.with_name(temporary_name(path.name))
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        try:
            usual_mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
            os.fchmod(descriptor, 0o600)
            # Another run may have taken the file for an abandoned one before it was locked.
            if not _lock(descriptor) or os.fstat(descriptor).st_nlink == 0:
                continue
            try:
                yield temporary, usual_mode
            except BaseException:
                with suppress(OSError):
                    temporary.unlink()
                raise
            return
        finally:
            os.close(descriptor)


def _remove_abandoned(path: Path) -> None:
    temporary = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{16}}\.partial")
    for found in path.parent.iterdir():
        if temporary.fullmatch(found.name) is None:
            continue
        # One that another user owns, or that another run has just removed, is not this run's concern.
        with suppress(OSError):
            descriptor = os.open(found, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                if _lock(descriptor):
                    found.unlink()
            finally:
                os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
