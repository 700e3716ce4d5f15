"""Folder of one user on one machine, whose files the user's processes change one at a time."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from airflow_provider_seventime.exceptions import ConfigError, TransportError

logger = logging.getLogger(__name__)

# A lock guards the reading and writing of a few hundred bytes. A longer wait means that its holder is suspended.
MAX_LOCK_SECONDS = 10.0
LOGGED_LOCK_SECONDS = 1.0
MIN_POLL_SECONDS, MAX_POLL_SECONDS = 0.0005, 0.05
# Another try may succeed after these.
PASSING_CODES = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.EIO, errno.ENOMEM})
FLAGS = os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


def shared_folder() -> Path:
    """Return the folder that all processes of this user on this machine share. It may not exist yet.

    :raises ConfigError: the machine has no folder for temporary files.
    """
    try:
        return Path(tempfile.gettempdir()) / f"seventime-pacing-{os.getuid()}"
    except FileNotFoundError as error:
        raise ConfigError(
            f"pacing: this machine has no folder for temporary files ({error.strerror or error}).\n"
            "Set TMPDIR to a folder that can be written, or the extra pacing to a redis:// URL or to 'process'"
        ) from error


class PrivateFolder:
    """Folder that no other user may write to, with files that are locked for each change.

    A temporary folder is open to every user of the machine. Another user could make this folder first, or put links
    into it, so each use checks that the folder and the files are this user's own and no links.

    :param path: the folder. It is made when it is missing; its parent must exist.
    :param purpose: what the files are for, for error messages, for example ``the rate limit``.
    :param sleep: waits while another process holds a lock.
    """

    def __init__(self, path: Path, purpose: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._path = path
        self._purpose = purpose
        self._sleep = sleep

    @contextmanager
    def locked(self, name: str) -> Iterator[FileIO]:
        """Open a file and hold its lock. The kernel frees the lock when the process ends.

        The file is opened for each change: a lock belongs to what ``open`` returned, and so does not exclude threads or
        forked processes that share that.

        :raises ConfigError: the folder or the file cannot be used: no permission, another owner, a link.
        :raises TransportError: no room, no descriptor, or another process held the lock for ten seconds. It is
            transient, and nothing may be sent.
        """
        try:
            with self._folder() as folder, self._open(folder, name, os.O_RDWR) as file:
                self._lock(file, name)
                yield file
        except OSError as error:
            raise self._error(error) from error

    def replace(self, name: str, content: bytes) -> None:
        """Replace a file as a whole. The caller holds a lock that excludes other writers of the name.

        :raises OSError: it cannot be written; :meth:`locked` maps the error.
        """
        temporary = f"{name}.new"
        with self._folder() as folder:
            with self._open(folder, temporary, os.O_WRONLY) as file:
                file.truncate(0)
                file.write(content)
            os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)

    def append(self, name: str, content: bytes) -> None:
        """Write at the end of a file. The caller holds a lock that excludes other writers of the name.

        A process that is killed meanwhile leaves a part of the content.

        :raises OSError: not all of it can be written; :meth:`locked` maps the error.
        """
        with self._folder() as folder, self._open(folder, name, os.O_WRONLY | os.O_APPEND) as file:
            if file.write(content) != len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path / name))

    def read(self, name: str) -> bytes:
        """Return the content of a file; empty if there is none.

        :raises OSError: it cannot be read; :meth:`locked` maps the error.
        """
        with self._folder() as folder, self._open(folder, name, os.O_RDWR) as file:
            return file.read()

    @contextmanager
    def _folder(self) -> Iterator[int]:
        """Open the folder, after it is known to be this user's own."""
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            descriptor = os.open(self._path, flags)
        except FileNotFoundError:
            self._path.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(self._path, flags)
        try:
            found = os.fstat(descriptor)
            if found.st_uid != os.getuid():
                raise PermissionError(
                    errno.EPERM, f"it belongs to the user with the id {found.st_uid}", str(self._path)
                )
            if stat.S_IMODE(found.st_mode) & 0o077:
                os.fchmod(descriptor, 0o700)
            yield descriptor
        finally:
            os.close(descriptor)

    @contextmanager
    def _open(self, folder: int, name: str, flags: int) -> Iterator[FileIO]:
        descriptor = os.open(name, FLAGS | flags, 0o600, dir_fd=folder)
        with FileIO(descriptor, "r+" if flags & os.O_RDWR else "w") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid() or found.st_nlink > 1:
                raise PermissionError(errno.EPERM, "it is a link or another user's", str(self._path / name))
            yield file

    def _lock(self, file: FileIO, name: str) -> None:
        waited_seconds, poll_seconds, logged = 0.0, MIN_POLL_SECONDS, False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if waited_seconds >= MAX_LOCK_SECONDS:
                    reason = f"another process has held the lock of {name} for {MAX_LOCK_SECONDS:g} s"
                    raise self._passing(reason, "Look for a suspended process of this user") from error
            else:
                return
            if waited_seconds >= LOGGED_LOCK_SECONDS and not logged:
                logger.info("Waiting for another process that holds the lock of %s", self._path / name)
                logged = True
            self._sleep(poll_seconds)
            waited_seconds += poll_seconds
            poll_seconds = min(poll_seconds * 2, MAX_POLL_SECONDS)

    def _error(self, error: OSError) -> ConfigError | TransportError:
        if error.errno in PASSING_CODES:
            return self._passing(str(error), "Make room, or raise the limit of open files")
        return ConfigError(
            f"pacing: {self._purpose} cannot be shared on this machine: {error}.\n"
            f"Make {self._path} a folder of this user's own, or set TMPDIR, or set the extra pacing to a redis:// URL "
            "or to 'process'"
        )

    def _passing(self, reason: str, advice: str) -> TransportError:
        detail = f"{self._purpose} cannot be shared now: {reason}. No request is sent without it.\n{advice}"
        return TransportError("pacing", "files", str(self._path), detail, sent=False)
