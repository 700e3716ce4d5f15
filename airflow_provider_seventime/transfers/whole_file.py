"""Write a file that appears whole or not at all, on any object storage."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from airflow_provider_seventime.exceptions import ConfigError

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import ObjectStoragePath

# An object of these stores appears when its upload is complete; elsewhere a reader could see half a file.
APPEARS_WHOLE = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "r2"})


def target_path(path: str) -> ObjectStoragePath:
    """Return the path of a file to be written.

    :param path: a URL such as ``s3://conn@bucket/key`` or ``file:///srv/books/x.si``, or an absolute local path.
    :raises ConfigError: it is empty, relative, ends in a slash, or its storage is not known here.
    """
    text = str(path).strip()
    if not text or text == "None":
        raise ConfigError("path: it is empty, perhaps because a template rendered to nothing; nothing was written")
    if not text.startswith(("/", "file:///")) and ("://" not in text or text.startswith("file://")):
        raise ConfigError(
            f"path: {text!r} is relative, and a worker has no folder of its own; give it in full or as a URL"
        )
    if text.endswith("/"):
        raise ConfigError(f"path: {text!r} is a folder; name the file")
    from airflow.providers.common.compat.sdk import ObjectStoragePath

    try:
        target = ObjectStoragePath(text)
        known = target.fs is not None
    except (ValueError, ImportError) as error:
        raise ConfigError(f"path: the storage of {text!r} cannot be used here: {error}") from error
    if not known:
        raise ConfigError(f"path: the storage of {text!r} is not known to Airflow")
    return target


def write_whole(target: ObjectStoragePath, content: bytes) -> None:
    """Write a file under its name only when it is complete, taking the place of one that is there.

    Where the storage shows half-written files, it is written under a temporary name beside it and moved; a task killed
    in between leaves the temporary file, which the next try overwrites.

    :param target: the path, as of :func:`target_path`.
    :param content: the whole content.
    :raises ConfigError: there is a folder of that name.
    :raises OSError: the file cannot be written, or cannot take the place of the one that is there.
    """
    from fsspec.implementations.local import LocalFileSystem  # type: ignore[import-untyped]

    # By the file system itself: what a path adds to it differs between the versions of its library.
    storage, path = target.fs, target.path
    if target.protocol in APPEARS_WHOLE:
        storage.pipe_file(path, content)
        return
    if storage.isdir(path):
        raise ConfigError(f"path: {path!r} is a folder; name the file")
    folder, _, name = path.rpartition("/")
    if folder:
        storage.makedirs(folder, exist_ok=True)
    partial = f"{folder}/.{name}.partial"
    storage.pipe_file(partial, content)
    if isinstance(storage, LocalFileSystem):
        os.replace(partial, path)  # the storage's own move copies, in view of all, where it may not rename
    else:
        storage.mv(partial, path)
