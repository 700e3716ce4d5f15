"""Errors of disks and object storages, mapped to messages with advice."""

from __future__ import annotations

import errno
import os

import aiohttp
import botocore.exceptions
import pytest

from airflow_provider_seventime.exceptions import ConfigError, IncompleteReadError, WarehouseError
from airflow_provider_seventime.transfers.export.storage_errors import storage_errors


def mapped(error):
    with pytest.raises((ConfigError, WarehouseError)) as raised, storage_errors("path: s3://lake/a.jsonl"):
        raise error
    assert raised.value.__cause__ is error
    assert str(raised.value).startswith("path: s3://lake/a.jsonl cannot be written: ")
    return raised.value


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (errno.ENOENT, "The bucket or folder does not exist: create it"),
        (errno.EACCES, "lacks the privilege: grant it"),
        (errno.EPERM, "lacks the privilege: grant it"),
        (errno.EISDIR, "The path is that of a folder"),
        (errno.ENOTDIR, "A part of the path is a file"),
        (errno.EEXIST, "Another file has that name"),
        (errno.EROFS, "Read-only file system. Existing files are unchanged.\nCorrect the path."),
        (errno.ENAMETOOLONG, "File name too long. Existing files are unchanged.\nCorrect the path."),
    ],
)
def test_a_permanent_error_is_a_config_error(code, advice):
    error = mapped(OSError(code, os.strerror(code), "a.jsonl"))

    assert isinstance(error, ConfigError)
    assert advice in str(error).replace(": 'a.jsonl'", "")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device"),
            "unchanged.\nMake room on the disk.",
        ),
        (
            OSError(errno.EDQUOT, "Disk quota exceeded"),
            "unchanged.\nMake room on the disk.",
        ),
        (OSError(errno.EIO, "Input/output error"), "Input/output error."),
        (ConnectionResetError("reset by peer"), "reset by peer."),
        (TimeoutError(), "TimeoutError."),
        (botocore.exceptions.EndpointConnectionError(endpoint_url="http://lake"), "Could not connect to the endpoint"),
        (aiohttp.ServerDisconnectedError(), "Server disconnected."),
    ],
)
def test_a_transient_error_may_be_retried(error, message):
    warehouse_error = mapped(error)

    assert isinstance(warehouse_error, WarehouseError)
    assert warehouse_error.transient
    assert message in str(warehouse_error)


@pytest.mark.parametrize("error", [IncompleteReadError("it moved"), ZeroDivisionError("ours")])
def test_other_errors_are_not_mapped(error):
    with pytest.raises(type(error)) as raised, storage_errors("path: s3://lake/a.jsonl"):
        raise error
    assert raised.value is error


def test_a_failure_to_read_does_not_speak_of_written_files():
    with pytest.raises(WarehouseError) as raised, storage_errors("path: a", "cannot be read", reading=True):
        raise ConnectionError("reset")
    assert str(raised.value) == "path: a cannot be read: reset.\nThe next try reads the file again."
    assert raised.value.transient
