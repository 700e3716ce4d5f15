"""Response bodies: decompressed and limited in size, so that no response fills the memory."""

from __future__ import annotations

import gzip
import zlib
from typing import BinaryIO, cast

from airflow_provider_seventime.api.http.responses import LOWEST_ERROR
from airflow_provider_seventime.exceptions import ProtocolError

# Far above the largest page: 500 records of 100 KiB each are 50 MiB.
MAX_BODY_BYTES = 64 * 1024 * 1024
# Errors are classified by their status. Messages show only the first 200 characters of their bodies.
MAX_ERROR_BODY_BYTES = 64 * 1024
# A page has at most 500 records. Millions of empty ones fit into a small compressed body, and take gigabytes decoded.
MAX_OBJECTS = 500_000
MAX_VALUES = 5_000_000
# A body below this has fewer.
MIN_COUNTED_BYTES = 1024 * 1024
MIN_CHUNK_BYTES = 64 * 1024
MAX_CHUNK_BYTES = 1024 * 1024
UNCOMPRESSED = ("", "identity")
# RFC 9110, 8.4.1.3: x-gzip is gzip.
GZIP = ("gzip", "x-gzip")


class ContentEncodingError(ValueError):
    """A body that cannot be decompressed as its ``Content-Encoding`` says."""


def read_body(operation: str, file: BinaryIO, *, status: int, encoding: str, content_length: int | None) -> bytes:
    """Return the body of a response, decompressed.

    Of an error (status 400 and above) at most the first 64 KiB are returned, and nothing if they cannot be
    decompressed: its status says enough.

    :param operation: method and path, for error messages.
    :param file: the body as received.
    :param status: HTTP status.
    :param encoding: the ``Content-Encoding``; empty: none.
    :param content_length: the ``Content-Length``; None: none.
    :raises ProtocolError: the body of a success is larger than 64 MiB, has more than 500,000 objects or 5,000,000
        values, or cannot be decompressed.
    """
    is_error = status >= LOWEST_ERROR
    if not is_error and (content_length or 0) > MAX_BODY_BYTES:
        raise _too_large(operation)
    # One byte more shows that a body is too large.
    limit = MAX_ERROR_BODY_BYTES if is_error else MAX_BODY_BYTES + 1
    try:
        chunks = _read_chunks(decompressed(file, encoding), limit, _chunk_bytes(status, encoding, content_length))
    except (ContentEncodingError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        if is_error:
            return b""
        # The frames that the error passed hold parts of the body, which may repeat the key.
        raise ProtocolError(
            f"{operation}: the response cannot be decompressed, {_reason(error)}"
        ) from error.with_traceback(None)
    if not is_error and sum(map(len, chunks)) > MAX_BODY_BYTES:
        raise _too_large(operation)
    body = b"".join(chunks)
    if not is_error and _has_too_many_values(body):
        raise _too_large(operation)
    return body


def _has_too_many_values(body: bytes) -> bool:
    # Texts hold some of these characters too, so this counts at least as many as there are.
    if len(body) < MIN_COUNTED_BYTES:
        return False
    return body.count(b"{") + body.count(b"[") > MAX_OBJECTS or body.count(b",") > MAX_VALUES


def decompressed(file: BinaryIO, encoding: str) -> BinaryIO:
    """Return a file that decompresses another one while it is read, in bounded memory.

    urllib3 could do so, but not safely: urllib3 2.8 reads three gzip members of exactly ``amt`` bytes each, 291 bytes
    in all, until the memory is full.

    :param file: a body as received.
    :param encoding: the ``Content-Encoding``; empty: none.
    :raises ContentEncodingError: the request did not ask for this encoding.
    """
    name = encoding.strip().lower()
    if name in UNCOMPRESSED:
        return file
    if name in GZIP:
        return cast("BinaryIO", gzip.GzipFile(fileobj=file))
    raise ContentEncodingError("its Content-Encoding was not requested")


def _read_chunks(file: BinaryIO, limit: int, chunk_bytes: int) -> list[bytes]:
    """Read a file to its end or up to a limit, both in bytes."""
    chunks = []
    while limit > 0 and (chunk := file.read(min(chunk_bytes, limit))):
        chunks.append(chunk)
        limit -= len(chunk)
    return chunks


def _chunk_bytes(status: int, encoding: str, content_length: int | None) -> int:
    """Return how many bytes to read at a time: all of an ordinary page, so that it is not copied."""
    if status >= LOWEST_ERROR:
        return MIN_CHUNK_BYTES
    if encoding:
        # The length before compression is unknown.
        return MAX_CHUNK_BYTES
    return min(max(content_length or 0, MIN_CHUNK_BYTES), MAX_CHUNK_BYTES)


def _reason(error: Exception) -> str:
    # The texts of gzip's errors show bytes of the body.
    if isinstance(error, ContentEncodingError):
        return str(error)
    return "it ends too early" if isinstance(error, EOFError) else "it is not valid gzip"


def _too_large(operation: str) -> ProtocolError:
    error = ProtocolError(
        f"{operation}: the response is larger than {MAX_BODY_BYTES // 1024**2} MiB or has more than {MAX_OBJECTS} "
        "objects, which is not accepted\n"
        "Lower page_size in the connection, or narrow the filters"
    )
    # The same request gets the same response.
    error.transient = False
    return error
