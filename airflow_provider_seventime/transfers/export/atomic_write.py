"""Atomic writes on any object storage: a file appears complete or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.templates import require_rendered
from airflow_provider_seventime.transfers.export.local_files import replace_local_file, temporary_name
from airflow_provider_seventime.transfers.export.storage_errors import storage_errors

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import ObjectStoragePath

_S3 = frozenset({"s3", "s3a", "s3n"})
_AZURE = frozenset({"abfs", "abfss", "az", "adl"})
# On these stores an object appears when its upload is complete. Elsewhere a reader could see half a file.
ATOMIC_STORES = _S3 | _AZURE | {"gs", "gcs", "oss", "r2"}

# By default s3fs has ten parts of 50 MiB in memory at once, and older adlfs does not replace a blob.
_UPLOAD_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    **{scheme: {"chunksize": 16 * 1024**2, "max_concurrency": 2} for scheme in _S3},
    **{scheme: {"overwrite": True} for scheme in _AZURE},
}


def target_path(path: str) -> ObjectStoragePath:
    """Return the path of a file.

    :param path: a URL such as ``s3://conn@bucket/key`` or ``file:///srv/books/x.si``, or an absolute local path.
    :raises ConfigError: the path is empty, relative, that of a folder or of a bucket, or its storage or connection is
        unknown.
    """
    require_rendered("path", path)
    text = str(path).strip()
    if not text.startswith(("/", "file:///")) and ("://" not in text or text.startswith("file://")):
        raise ConfigError(
            f"path: {text!r} is relative, but a worker has no folder that is always the same.\n"
            "Use an absolute path or a URL."
        )
    if text.endswith("/"):
        raise ConfigError(f"path: {text!r} is a folder.\nAdd the name of the file.")
    from airflow.providers.common.compat.sdk import AirflowException, ObjectStoragePath

    try:
        target = ObjectStoragePath(text)
        known = target.fs is not None
    except (ValueError, ImportError, AirflowException) as error:
        raise ConfigError(
            f"path: the storage of {text!r} cannot be used: {error}.\nCheck the URL and its connection."
        ) from error
    if not known:
        raise ConfigError(
            f"path: the storage of {text!r} is unknown to Airflow.\nInstall its provider, or correct the URL."
        )
    if target.protocol in ATOMIC_STORES and not _container_and_key(target)[1]:
        raise ConfigError(f"path: {text!r} is a bucket.\nAdd the name of the file.")
    return target


def require_container(target: ObjectStoragePath) -> None:
    """Check that the bucket of a file exists, before the records are read.

    A connection that may write but not list buckets passes this check.

    :param target: path of the file, from :func:`target_path`.
    :raises ConfigError: the bucket does not exist.
    :raises WarehouseError: the store does not answer.
    """
    if target.protocol not in ATOMIC_STORES:
        return
    container, _ = _container_and_key(target)
    with storage_errors(f"path: {target}", "cannot be reached"):
        if target.fs.exists(container):
            return
        try:
            target.fs.ls(container)
        except FileNotFoundError as error:
            raise ConfigError(
                f"path: the bucket {container!r} of {target} does not exist.\nCreate it, or correct the path."
            ) from error
        except OSError:
            return  # the connection may be allowed to write and not to list


def write_atomically(target: ObjectStoragePath, content: bytes) -> None:
    """Write a file, or replace an existing one, so that it appears only when it is complete.

    If the storage shows half-written files, the content goes to a temporary file of this run beside the target, which
    is then renamed. A task that is killed meanwhile leaves the temporary file. On a local disk the next try removes it.

    :param target: path of the file, from :func:`target_path`.
    :param content: the whole content.
    :raises ConfigError: the path is that of a folder.
    :raises OSError: the file cannot be written, or the existing file cannot be replaced.
    """
    _replace(target, lambda path: target.fs.pipe_file(path, content))


def publish(target: ObjectStoragePath, file: Path) -> None:
    """Copy a local file to its target as :func:`write_atomically` does, with only a part of it in memory.

    :param target: path of the target, from :func:`target_path`.
    :param file: the complete local file.
    :raises ConfigError: the path is that of a folder.
    :raises OSError: the target cannot be written, or the existing file cannot be replaced.
    """
    options = _UPLOAD_OPTIONS.get(target.protocol, {})
    _replace(target, lambda path: target.fs.put_file(str(file), path, **options))


def _replace(target: ObjectStoragePath, write: Callable[[str], None]) -> None:
    from fsspec.implementations.local import LocalFileSystem

    # The file system is used directly, because ObjectStoragePath differs between versions of its library.
    storage, path = target.fs, target.path
    if target.protocol in ATOMIC_STORES:
        write(path)
        return
    if storage.isdir(path):
        raise ConfigError(f"path: {path!r} is a folder.\nAdd the name of the file.")
    folder, _, name = path.rpartition("/")
    if folder:
        storage.makedirs(folder, exist_ok=True)
    if isinstance(storage, LocalFileSystem):
        replace_local_file(Path(path), write)
        return
    partial = f"{folder}/{temporary_name(name)}"
    try:
        write(partial)
    except BaseException:
        with suppress(OSError):
            storage.rm_file(partial)
        raise
    storage.mv(partial, path)


def _container_and_key(target: ObjectStoragePath) -> tuple[str, str]:
    container, _, key = target.path.lstrip("/").partition("/")
    return container, key
