"""Bodies unpacked piece by piece."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from airflow_provider_seventime.api.http.bodies import (
    LARGEST_ERROR_BYTES,
    LARGEST_PIECE_BYTES,
    PIECE_BYTES,
    UnpackError,
    gather,
    piece_bytes,
    read_body,
    unpack,
)
from airflow_provider_seventime.exceptions import ProtocolError

TEXT = b'{"data": [{"_id": "a"}]}' * 20_000
PACKED = gzip.compress(TEXT)


def in_pieces(body: bytes, size: int):
    return [body[start : start + size] for start in range(0, len(body), size)]


@pytest.mark.parametrize("size", [1, 7, 1000, 10_000_000])
@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", " GZIP "])
def test_gzip_is_unpacked_however_it_is_cut(encoding, size):
    assert b"".join(unpack(in_pieces(PACKED, size), encoding)) == TEXT


@pytest.mark.parametrize("size", [1, 1000, 10_000_000])
def test_parts_of_gzip_follow_on_each_other(size):
    assert b"".join(unpack(in_pieces(PACKED + gzip.compress(b"more"), size), "gzip")) == TEXT + b"more"


@pytest.mark.parametrize("encoding", ["", "identity", "Identity"])
def test_what_is_not_packed_stays(encoding):
    assert b"".join(unpack([b"a", b"b"], encoding)) == b"ab"


@pytest.mark.parametrize("length", [PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 10 * PIECE_BYTES, 20_000_000])
def test_no_piece_is_large_whatever_was_packed_into_it(length):
    pieces = list(unpack([gzip.compress(b"\0" * length)], "gzip"))
    assert max(map(len, pieces)) <= PIECE_BYTES
    assert sum(map(len, pieces)) == length


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_nothing_is_nothing(encoding):
    assert b"".join(unpack([], encoding)) == b""


@pytest.mark.parametrize(
    ("body", "encoding", "said"),
    [
        (b"{}", "gzip", "its encoding is not what it says"),
        (PACKED[:-1], "gzip", "it ends too early"),
        (PACKED[:100], "gzip", "it ends too early"),
        (PACKED[:5], "gzip", "it ends too early"),
        (PACKED[:-8] + bytes(8), "gzip", "its encoding is not what it says"),
        (PACKED + b"rubbish", "gzip", "its encoding is not what it says"),
        (zlib.compress(TEXT), "gzip", "its encoding is not what it says"),
        (TEXT, "br", "its encoding was not asked for"),
        (TEXT, "zstd", "its encoding was not asked for"),
        (gzip.compress(PACKED), "gzip, gzip", "its encoding was not asked for"),
    ],
    ids=[
        "plain",
        "without end",
        "cut",
        "cut in the head",
        "wrong sum",
        "rubbish behind",
        "zlib",
        "br",
        "zstd",
        "twice",
    ],
)
def test_what_is_not_packed_so_is_refused(body, encoding, said):
    with pytest.raises(UnpackError, match=said):
        b"".join(unpack([body], encoding))
    with pytest.raises(ProtocolError, match=rf"^GET x: the answer cannot be unpacked, {said}$"):
        read_body("GET x", status=200, encoding=encoding, announced_bytes=None, pieces=[body])
    beginning = read_body("GET x", status=500, encoding=encoding, announced_bytes=None, pieces=[body])
    assert beginning in (b"", TEXT[:LARGEST_ERROR_BYTES])


@pytest.mark.parametrize(
    ("status", "announced_bytes", "asked_for"),
    [
        (200, None, PIECE_BYTES),
        (200, 0, PIECE_BYTES),
        (200, 300_000, 300_000),
        (201, LARGEST_PIECE_BYTES, LARGEST_PIECE_BYTES),
        (200, 10**18, LARGEST_PIECE_BYTES),
        (399, 300_000, 300_000),
        (400, 300_000, PIECE_BYTES),
        (500, 10**18, PIECE_BYTES),
        (503, None, PIECE_BYTES),
    ],
)
def test_an_ordinary_page_is_asked_for_in_one_piece_and_of_an_error_only_the_beginning(
    status, announced_bytes, asked_for
):
    assert piece_bytes(status, announced_bytes) == asked_for


def test_what_came_in_one_piece_is_copied_nowhere():
    body = b"x" * 100_000
    assert gather(iter([body]), 100_000)[0] is body


def test_what_is_cut_is_copied_once():
    pieces = [bytes([number]) * PIECE_BYTES for number in range(64)]
    most_bytes = 63 * PIECE_BYTES + 1
    tracemalloc.start()
    try:
        body, whole = gather(iter(pieces), most_bytes)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (body, whole) == (b"".join(pieces)[:most_bytes], False)
    assert peak_bytes < 1.1 * most_bytes


@pytest.mark.parametrize(("most", "taken"), [(5, (b"abcde", False)), (6, (b"abcdef", True)), (7, (b"abcdef", True))])
def test_no_more_is_taken_than_allowed(most, taken):
    assert gather(iter([b"abc", b"def"]), most) == taken


def test_what_is_too_much_is_not_asked_for():
    def endless():
        yield from [b"abc"] * 2
        raise AssertionError("asked for more")

    assert gather(endless(), 5) == (b"abcab", False)
