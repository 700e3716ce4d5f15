"""What disks and object storages say when they refuse, as errors of this package."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from airflow_provider_seventime.exceptions import ConfigError, WarehouseError

# Errors of the storages' libraries that are no OSError, by the module that has them.
_ERRORS_OF_LIBRARIES = {
    "aiohttp": ("ClientError",),
    "azure.core.exceptions": ("AzureError",),
    "botocore.exceptions": ("BotoCoreError", "ClientError"),
    "gcsfs.retry": ("HttpError",),
    "google.auth.exceptions": ("GoogleAuthError",),
    "paramiko": ("SSHException",),
}
_ADVICE: tuple[tuple[type[OSError], str], ...] = (
    (FileNotFoundError, "there is no such bucket or folder; create it, or correct the path"),
    (PermissionError, "the connection, or the user that the worker runs as, lacks the privilege; grant it"),
    (IsADirectoryError, "there is a folder of that name; name the file"),
    (NotADirectoryError, "a part of the path is a file; correct the path"),
    (FileExistsError, "a file of that name is in the way; correct the path"),
)
_LASTING_CODES = frozenset({errno.EROFS, errno.ENAMETOOLONG})


@contextmanager
def storage_errors(place: str, failed: str = "cannot be written") -> Iterator[None]:
    """Turn a storage's errors into those of this package.

    :param place: what is worked on, for the message.
    :param failed: what it comes to when that fails, for the message.
    :raises ConfigError: it cannot be written as things stand: no such bucket, no privilege.
    :raises WarehouseError: a full disk, a lost connection: another try may do.
    """
    try:
        yield
    except _kinds() as error:
        raise _told(f"{place} {failed}", error) from error


def _kinds() -> tuple[type[Exception], ...]:
    # A library that raises has been loaded: none is loaded for this.
    loaded = (
        getattr(sys.modules[module], name)
        for module, names in _ERRORS_OF_LIBRARIES.items()
        if module in sys.modules
        for name in names
    )
    return (OSError, *loaded)


def _told(failure: str, error: Exception) -> ConfigError | WarehouseError:
    said = f"{failure}: {str(error) or type(error).__name__}"
    for kind, advice in _ADVICE:
        if isinstance(error, kind):
            return ConfigError(f"{said}; {advice}. What was there is as it was")
    if isinstance(error, OSError) and error.errno in _LASTING_CODES:
        return ConfigError(f"{said}; correct the path. What was there is as it was")
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        said += "; make room"
    return WarehouseError(f"{said}. What was there is as it was; another try writes it anew", transient=True)
