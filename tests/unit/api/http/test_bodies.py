"""Response bodies: decompression and limits."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zlib
from typing import Any

import pytest

from airflow_provider_seventime.api.http.bodies import (
    MAX_BODY_BYTES,
    MAX_CHUNK_BYTES,
    MAX_ERROR_BODY_BYTES,
    MIN_CHUNK_BYTES,
    ContentEncodingError,
    decompressed,
    read_body,
)
from airflow_provider_seventime.exceptions import ProtocolError

TEXT = b'{"data": [{"_id": "a"}]}' * 20_000
COMPRESSED = gzip.compress(TEXT)
# Zeros in members of 64 KiB each: 2 GiB in 2.7 MB.
BOMB = gzip.compress(bytes(MIN_CHUNK_BYTES)) * (2 * 1024**3 // MIN_CHUNK_BYTES)


def read(body, *, status=200, encoding="", content_length=None):
    file: Any = body if isinstance(body, io.IOBase) else io.BytesIO(body)
    return read_body("GET x", file, status=status, encoding=encoding, content_length=content_length)


class Recording(io.BytesIO):
    """A body that records how many bytes each read asks for."""

    def __init__(self, body):
        super().__init__(body)
        self.sizes = []

    def read(self, size=-1):
        self.sizes.append(size)
        return super().read(size)


def peak_bytes_of(call):
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", " GZIP "])
def test_gzip_is_decompressed(encoding):
    assert read(COMPRESSED, encoding=encoding) == TEXT


@pytest.mark.parametrize("size", [0, 1, MIN_CHUNK_BYTES - 1, MIN_CHUNK_BYTES, MIN_CHUNK_BYTES + 1, 3 * MIN_CHUNK_BYTES])
def test_gzip_members_are_joined(size):
    first, second = bytes(size), b"x" * size
    assert read(gzip.compress(first) + gzip.compress(second) + COMPRESSED, encoding="gzip") == first + second + TEXT


@pytest.mark.parametrize("encoding", ["", "identity", "Identity"])
def test_an_uncompressed_body_is_returned_as_received(encoding):
    assert read(b"ab", encoding=encoding) == b"ab"


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_an_empty_body_is_empty(encoding):
    assert read(b"", encoding=encoding) == b""


@pytest.mark.parametrize(
    "bomb",
    [gzip.compress(bytes(4 * MAX_BODY_BYTES)), BOMB],
    ids=["one member", "2 GiB in members of 64 KiB"],
)
def test_a_bomb_is_refused_before_it_is_decompressed_whole(bomb):
    def refused():
        with pytest.raises(ProtocolError, match="larger than 64 MiB") as caught:
            read(bomb, encoding="gzip")
        assert not caught.value.transient

    assert peak_bytes_of(refused) < 1.1 * MAX_BODY_BYTES


@pytest.mark.parametrize("value", [b"{}", b"[]", b"1"])
def test_a_page_of_millions_of_values_is_refused_before_it_is_decoded(value):
    bomb = gzip.compress(b'{"data":[' + (value + b",") * (6 * 10**6) + value + b"]}")
    assert len(bomb) < 64 * 1024

    with pytest.raises(ProtocolError, match="has more than 500000 objects") as caught:
        read(bomb, encoding="gzip")
    assert not caught.value.transient


def test_a_bomb_in_an_error_is_cut():
    body = []
    peak_bytes = peak_bytes_of(lambda: body.append(read(BOMB, status=500, encoding="gzip")))
    assert body == [bytes(MAX_ERROR_BODY_BYTES)]
    assert peak_bytes < 1024**2


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (b"{}", "gzip", "it is not valid gzip"),
        (COMPRESSED[:-1], "gzip", "it ends too early"),
        (COMPRESSED[:-8], "gzip", "it ends too early"),
        (COMPRESSED[:100], "gzip", "it ends too early"),
        (COMPRESSED[:5], "gzip", "it ends too early"),
        (COMPRESSED[:-8] + bytes(8), "gzip", "it is not valid gzip"),
        (COMPRESSED + b"rubbish", "gzip", "it is not valid gzip"),
        (COMPRESSED[:50] + b"\xff" * 50 + COMPRESSED[100:], "gzip", "it is not valid gzip"),
        (zlib.compress(TEXT), "gzip", "it is not valid gzip"),
        (TEXT, "br", "its Content-Encoding was not requested"),
        (TEXT, "zstd", "its Content-Encoding was not requested"),
        (TEXT, "deflate", "its Content-Encoding was not requested"),
        (gzip.compress(COMPRESSED), "gzip, gzip", "its Content-Encoding was not requested"),
    ],
    ids=[
        "not compressed",
        "last byte missing",
        "trailer missing",
        "truncated",
        "truncated head",
        "wrong checksum",
        "trailing garbage",
        "corrupt",
        "zlib",
        "br",
        "zstd",
        "deflate",
        "twice",
    ],
)
def test_a_body_that_cannot_be_decompressed_is_an_error(body, encoding, reason):
    with pytest.raises(ProtocolError, match=rf"^GET x: the response cannot be decompressed, {reason}$") as caught:
        read(body, encoding=encoding)
    assert caught.value.transient
    assert read(body, status=500, encoding=encoding) in (b"", TEXT[:MAX_ERROR_BODY_BYTES])


def test_an_encoding_that_was_not_requested_is_refused_unread():
    with pytest.raises(ContentEncodingError):
        decompressed(io.BytesIO(TEXT), "br")


@pytest.mark.parametrize(
    ("status", "content_length", "first_read"),
    [
        (200, None, MIN_CHUNK_BYTES),
        (200, 0, MIN_CHUNK_BYTES),
        (200, 300_000, 300_000),
        (201, MAX_CHUNK_BYTES, MAX_CHUNK_BYTES),
        (200, MAX_BODY_BYTES, MAX_CHUNK_BYTES),
        (399, 300_000, 300_000),
        (400, 300_000, MIN_CHUNK_BYTES),
        (500, 10**18, MIN_CHUNK_BYTES),
        (503, None, MIN_CHUNK_BYTES),
    ],
)
def test_an_ordinary_page_is_read_at_once_and_of_an_error_only_the_beginning(status, content_length, first_read):
    file = Recording(b"{}")
    assert read(file, status=status, content_length=content_length) == b"{}"
    assert file.sizes[0] == first_read


def test_a_body_whose_length_is_beyond_the_limit_is_not_read():
    file = Recording(b"{}")
    with pytest.raises(ProtocolError, match="larger than 64 MiB"):
        read(file, content_length=MAX_BODY_BYTES + 1)
    assert file.sizes == []


def test_a_body_that_is_read_at_once_is_not_copied():
    body = bytes(100_000)

    bodies = [body]

    class Whole(io.RawIOBase):
        def read(self, size=-1):
            return bodies.pop() if bodies else b""

    assert read(Whole(), content_length=len(body)) is body


@pytest.mark.parametrize("excess", [-1, 0, 1])
def test_no_more_than_the_limit_is_returned(excess):
    body = bytes(MAX_ERROR_BODY_BYTES + excess)
    file = Recording(body)
    assert read(file, status=500) == body[:MAX_ERROR_BODY_BYTES]
    assert sum(file.sizes) <= MAX_ERROR_BODY_BYTES + 1


@pytest.mark.parametrize("excess", [0, 1])
def test_a_success_is_returned_whole_or_refused(excess):
    class Zeros(io.RawIOBase):
        left = MAX_BODY_BYTES + excess

        def read(self, size=-1):
            self.left -= (size := min(size, self.left))
            return bytes(size)

    if excess:
        with pytest.raises(ProtocolError, match="larger than 64 MiB"):
            read(Zeros())
    else:
        assert len(read(Zeros())) == MAX_BODY_BYTES
