"""Errors of disks and object storages, mapped to errors of this package."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from airflow_provider_seventime.exceptions import ConfigError, WarehouseError

# Errors of the storages' libraries that are not an OSError, by their module.
_LIBRARY_ERRORS = {
    "aiohttp": ("ClientError",),
    "azure.core.exceptions": ("AzureError",),
    "botocore.exceptions": ("BotoCoreError", "ClientError"),
    "gcsfs.retry": ("HttpError",),
    "google.auth.exceptions": ("GoogleAuthError",),
    "paramiko": ("SSHException",),
}
_ADVICE: tuple[tuple[type[OSError], str], ...] = (
    (FileNotFoundError, "The bucket or folder does not exist: create it, or correct the path."),
    (PermissionError, "The connection, or the worker's user, lacks the privilege: grant it."),
    (IsADirectoryError, "The path is that of a folder: add the name of the file."),
    (NotADirectoryError, "A part of the path is a file: correct the path."),
    (FileExistsError, "Another file has that name: correct the path."),
)
_PERMANENT_CODES = frozenset({errno.EROFS, errno.ENAMETOOLONG})


@contextmanager
def storage_errors(place: str, failure: str = "cannot be written", *, reading: bool = False) -> Iterator[None]:
    """Map a storage's errors to errors of this package.

    :param place: path or folder in use, for the message.
    :param failure: the failure as a clause, for the message.
    :param reading: the block reads a file and writes none. Defaults to False.
    :raises ConfigError: a retry would fail too: the bucket is missing, or the privilege.
    :raises WarehouseError: a retry may succeed: the disk was full, or the connection was lost.
    """
    try:
        yield
    except _error_types() as error:
        raise _mapped(f"{place} {failure}", error, reading=reading) from error


def _error_types() -> tuple[type[Exception], ...]:
    # A library that raises an error is loaded already, so no library is imported here.
    loaded = (
        getattr(sys.modules[module], name)
        for module, names in _LIBRARY_ERRORS.items()
        if module in sys.modules
        for name in names
    )
    return (OSError, *loaded)


def _mapped(failure: str, error: Exception, *, reading: bool) -> ConfigError | WarehouseError:
    state = "" if reading else " Existing files are unchanged."
    message = f"{failure}: {str(error) or type(error).__name__}.{state}\n"
    for kind, advice in _ADVICE:
        if isinstance(error, kind):
            return ConfigError(message + advice)
    if isinstance(error, OSError) and error.errno in _PERMANENT_CODES:
        return ConfigError(message + "Correct the path.")
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        message += "Make room on the disk. "
    again = "reads" if reading else "writes"
    return WarehouseError(f"{message}The next try {again} the file again.", transient=True)
