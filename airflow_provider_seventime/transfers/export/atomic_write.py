"""Write a file that appears whole or not at all, on any object storage."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.templates import require_rendered
from airflow_provider_seventime.transfers.export.storage_errors import storage_errors

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import ObjectStoragePath

_S3 = frozenset({"s3", "s3a", "s3n"})
_AZURE = frozenset({"abfs", "abfss", "az", "adl"})
# An object of these stores appears when its upload is complete; elsewhere a reader could see half a file.
APPEARS_WHOLE = _S3 | _AZURE | {"gs", "gcs", "oss", "r2"}

# Left alone, s3fs holds ten parts of 50 MiB at once, and older adlfs does not replace a blob.
_UPLOAD_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    **{scheme: {"chunksize": 16 * 1024**2, "max_concurrency": 2} for scheme in _S3},
    **{scheme: {"overwrite": True} for scheme in _AZURE},
}


def target_path(path: str) -> ObjectStoragePath:
    """Return the path of a file to be written.

    :param path: a URL such as ``s3://conn@bucket/key`` or ``file:///srv/books/x.si``, or an absolute local path.
    :raises ConfigError: it is empty, relative, ends in a slash, names a bucket and no file, or its storage or
        connection is not known here.
    """
    require_rendered("path", path)
    text = str(path).strip()
    if not text.startswith(("/", "file:///")) and ("://" not in text or text.startswith("file://")):
        raise ConfigError(
            f"path: {text!r} is relative, and a worker has no folder of its own; give it in full or as a URL"
        )
    if text.endswith("/"):
        raise ConfigError(f"path: {text!r} is a folder; name the file")
    from airflow.providers.common.compat.sdk import AirflowException, ObjectStoragePath

    try:
        target = ObjectStoragePath(text)
        known = target.fs is not None
    except (ValueError, ImportError, AirflowException) as error:
        raise ConfigError(f"path: the storage of {text!r} cannot be used here: {error}") from error
    if not known:
        raise ConfigError(f"path: the storage of {text!r} is not known to Airflow")
    if target.protocol in APPEARS_WHOLE and not _container_and_key(target)[1]:
        raise ConfigError(f"path: {text!r} names a bucket and no file in it")
    return target


def require_container(target: ObjectStoragePath) -> None:
    """Find out whether the bucket of a file is there, as far as its connection may ask: long before it is written.

    :param target: the path, as of :func:`target_path`.
    :raises ConfigError: it is certainly not there.
    :raises WarehouseError: the store does not answer.
    """
    if target.protocol not in APPEARS_WHOLE:
        return
    container, _ = _container_and_key(target)
    with storage_errors(f"path: {target}", "cannot be reached"):
        if target.fs.exists(container):
            return
        try:
            target.fs.ls(container)
        except FileNotFoundError as error:
            raise ConfigError(
                f"path: there is no bucket {container!r} for {target}; create it, or correct the path"
            ) from error
        except OSError:
            return  # who may write need not be allowed to list


def write_whole(target: ObjectStoragePath, content: bytes) -> None:
    """Write a file under its name only when it is complete, taking the place of one that is there.

    Where the storage shows half-written files, it is written under a temporary name beside it and moved; a task killed
    in between leaves the temporary file, which the next try overwrites.

    :param target: the path, as of :func:`target_path`.
    :param content: the whole content.
    :raises ConfigError: there is a folder of that name.
    :raises OSError: the file cannot be written, or cannot take the place of the one that is there.
    """
    _appear_whole(target, lambda path: target.fs.pipe_file(path, content))


def publish(target: ObjectStoragePath, file: Path) -> None:
    """Copy a file to its place as :func:`write_whole` does, with a part of it in memory at a time.

    :param target: the path, as of :func:`target_path`.
    :param file: on this machine, complete.
    :raises ConfigError: there is a folder of that name.
    :raises OSError: the file cannot be written, or cannot take the place of the one that is there.
    """
    options = _UPLOAD_OPTIONS.get(target.protocol, {})
    _appear_whole(target, lambda path: target.fs.put_file(str(file), path, **options))


def _appear_whole(target: ObjectStoragePath, write: Callable[[str], None]) -> None:
    from fsspec.implementations.local import LocalFileSystem

    # By the file system itself: what a path adds to it differs between the versions of its library.
    storage, path = target.fs, target.path
    if target.protocol in APPEARS_WHOLE:
        write(path)
        return
    if storage.isdir(path):
        raise ConfigError(f"path: {path!r} is a folder; name the file")
    folder, _, name = path.rpartition("/")
    if folder:
        storage.makedirs(folder, exist_ok=True)
    partial = f"{folder}/.{name}.partial"
    write(partial)
    if isinstance(storage, LocalFileSystem):
        os.replace(partial, path)  # the storage's own move copies, in view of all, where it may not rename
    else:
        storage.mv(partial, path)


def _container_and_key(target: ObjectStoragePath) -> tuple[str, str]:
    container, _, key = target.path.lstrip("/").partition("/")
    return container, key
