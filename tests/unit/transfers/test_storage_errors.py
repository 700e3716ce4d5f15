"""What disks and storages say, told as what can be done about it."""

from __future__ import annotations

import errno
import os

import aiohttp
import botocore.exceptions
import pytest

from airflow_provider_seventime.exceptions import ConfigError, IncompleteReadError, WarehouseError
from airflow_provider_seventime.transfers.export.storage_errors import storage_errors


def told(error):
    with pytest.raises((ConfigError, WarehouseError)) as raised, storage_errors("path: s3://lake/a.jsonl"):
        raise error
    assert raised.value.__cause__ is error
    assert str(raised.value).startswith("path: s3://lake/a.jsonl cannot be written: ")
    return raised.value


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (errno.ENOENT, "there is no such bucket or folder; create it"),
        (errno.EACCES, "lacks the privilege; grant it"),
        (errno.EPERM, "lacks the privilege; grant it"),
        (errno.EISDIR, "there is a folder of that name"),
        (errno.ENOTDIR, "a part of the path is a file"),
        (errno.EEXIST, "is in the way"),
        (errno.EROFS, "Read-only file system; correct the path"),
        (errno.ENAMETOOLONG, "File name too long; correct the path"),
    ],
)
def test_what_stays_as_it_is_ends_the_task(code, advice):
    error = told(OSError(code, os.strerror(code), "a.jsonl"))

    assert isinstance(error, ConfigError)
    assert advice in str(error).replace(": 'a.jsonl'", "")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device; make room."),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "Disk quota exceeded; make room."),
        (OSError(errno.EIO, "Input/output error"), "Input/output error."),
        (ConnectionResetError("reset by peer"), "reset by peer."),
        (TimeoutError(), "TimeoutError."),
        (botocore.exceptions.EndpointConnectionError(endpoint_url="http://lake"), "Could not connect to the endpoint"),
        (aiohttp.ServerDisconnectedError(), "Server disconnected."),
    ],
)
def test_what_passes_is_worth_another_try(error, said):
    warehouse_error = told(error)

    assert isinstance(warehouse_error, WarehouseError)
    assert warehouse_error.transient
    assert said in str(warehouse_error)


@pytest.mark.parametrize("error", [IncompleteReadError("it moved"), ZeroDivisionError("ours")])
def test_what_is_no_error_of_a_storage_goes_through(error):
    with pytest.raises(type(error)) as raised, storage_errors("path: s3://lake/a.jsonl"):
        raise error
    assert raised.value is error
