"""The body of an answer, piece by piece: neither a gigabyte nor a bomb of zeros fills the memory. No I/O."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from airflow_provider_seventime.api.http.responses import LOWEST_ERROR
from airflow_provider_seventime.exceptions import ProtocolError

# Far above the largest page: 500 records of 100 KiB each are 50 MiB.
LARGEST_ANSWER_BYTES = 64 * 1024 * 1024
# An error is told by its status; of what it says only the first words are shown.
LARGEST_ERROR_BYTES = 64 * 1024
PIECE_BYTES = 64 * 1024
LARGEST_PIECE_BYTES = 1024 * 1024
PLAIN = ("", "identity")
GZIP = ("gzip", "x-gzip")
GZIP_WINDOW = 16 + zlib.MAX_WBITS


class UnpackError(ValueError):
    """A body is not packed in the way that its headers say."""


def read_body(where: str, *, status: int, encoding: str, announced_bytes: int | None, pieces: Iterable[bytes]) -> bytes:
    """Return the body of an answer.

    The status of an error says what it is: of its body only the beginning is read, and none where it cannot be.

    :param where: method and path, for the errors.
    :param status: HTTP status.
    :param encoding: the ``Content-Encoding``; empty: none.
    :param announced_bytes: the ``Content-Length``; None: none.
    :param pieces: the body as received, in pieces.
    :raises ProtocolError: it is larger than 64 MiB, or cannot be unpacked.
    """
    failed = status >= LOWEST_ERROR
    most_bytes = LARGEST_ERROR_BYTES if failed else LARGEST_ANSWER_BYTES
    if not failed and (announced_bytes or 0) > most_bytes:
        raise _too_large(where)
    try:
        body, whole = gather(unpack(pieces, encoding), most_bytes)
    except UnpackError as error:
        if failed:
            return b""
        raise ProtocolError(f"{where}: the answer cannot be unpacked, {error}") from error
    if not whole and not failed:
        raise _too_large(where)
    return body


def piece_bytes(status: int, announced_bytes: int | None) -> int:
    """Return how many bytes of a body to ask for at a time: all of an ordinary page, which then is copied nowhere.

    :param status: HTTP status; of an error only the beginning is wanted.
    :param announced_bytes: the ``Content-Length``; None: none.
    """
    if status >= LOWEST_ERROR:
        return PIECE_BYTES
    return min(max(announced_bytes or 0, PIECE_BYTES), LARGEST_PIECE_BYTES)


def _too_large(where: str) -> ProtocolError:
    error = ProtocolError(
        f"{where} was answered with more than {LARGEST_ANSWER_BYTES // 1024**2} MiB, which is refused; ask for less at "
        "a time: lower page_size in the connection, or narrow the filters"
    )
    # The same question has the same answer.
    error.transient = False
    return error


def unpack(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield a body as it was before it was packed, in pieces of at most 64 KiB if it was.

    :param pieces: the body as received.
    :param encoding: the ``Content-Encoding``; empty: none.
    :raises UnpackError: it is not packed so, ends too early, or is packed in a way that was not asked for.
    """
    name = encoding.strip().lower()
    if name in PLAIN:
        return iter(pieces)
    if name in GZIP:
        return _unzip(pieces)
    raise UnpackError("its encoding was not asked for")


def _unzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack gzip, of which one part may follow on the other (RFC 1952, 2.2)."""
    part = None
    for piece in pieces:
        rest = piece
        while rest:
            part = part or zlib.decompressobj(GZIP_WINDOW)
            yield from _inflate(part, rest)
            rest = part.unused_data
            if part.eof:
                part = None
    if part is not None:
        raise UnpackError("it ends too early")


def _inflate(part: zlib._Decompress, packed: bytes) -> Iterator[bytes]:
    unpacked = _step(part, packed)
    yield unpacked
    # A full piece may have more behind it, though all that was packed has been taken in.
    while not part.eof and (part.unconsumed_tail or len(unpacked) == PIECE_BYTES):
        unpacked = _step(part, part.unconsumed_tail)
        yield unpacked


def _step(part: zlib._Decompress, packed: bytes) -> bytes:
    try:
        return part.decompress(packed, PIECE_BYTES)
    except zlib.error as error:
        raise UnpackError("its encoding is not what it says") from error


def gather(pieces: Iterable[bytes], most_bytes: int) -> tuple[bytes, bool]:
    """Put a body together, as far as it may go.

    :param pieces: the body.
    :param most_bytes: no more than these are taken.
    :return: the body, and whether that is all of it.
    """
    taken: list[bytes] = []
    length = 0
    for piece in pieces:
        taken.append(piece)
        length += len(piece)
        if length > most_bytes:
            taken[-1] = piece[: most_bytes - length]
            return b"".join(taken), False
    return b"".join(taken), True
