"""Response decoding: from bytes to records, or to the typed error that a response reports. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.api.http.half_characters import repaired
from airflow_provider_seventime.api.http.redaction import MAX_SEARCHED_CHARACTERS, redact
from airflow_provider_seventime.api.http.retry import parse_http_date, parse_retry_after
from airflow_provider_seventime.exceptions import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ForbiddenError,
    NotFoundError,
    ProtocolError,
    RateLimitedError,
    ServerError,
)

ERRORS_BY_STATUS: Mapping[int, type[ApiError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: ForbiddenError,
    404: NotFoundError,
    # Request Timeout and Too Early: the same request may succeed later.
    408: ServerError,
    425: ServerError,
    429: RateLimitedError,
}
OK = 200
REDIRECTION = 300
LOWEST_ERROR = 400
LOWEST_SERVER_ERROR = 500
# More records than any account has: a greater total is an error, and not a reason to request that many pages.
MAX_TOTAL = 10**12
MAX_ID_CHARACTERS = 200
Part = TypeVar("Part")
TOTAL_DIGITS = re.compile("[0-9]{1,13}")


def decode_response(
    method: str,
    path: str,
    *,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    secrets: Iterable[str] = (),
    decode: Callable[[bytes], Any] = exact_json.decode,
) -> Any:
    """Return the decoded body of a success, or raise the error that the response reports.

    :param method: HTTP method of the request.
    :param path: path of the request.
    :param status: HTTP status.
    :param headers: header names in lower case.
    :param body: the body, decompressed.
    :param secrets: texts that appear in no error.
    :param decode: decodes the body of a success; raises ValueError if it is malformed. Defaults to JSON.
    :raises ApiError: the API reports an error.
    :raises ProtocolError: the body is malformed, or the status is neither success nor error.
    """
    if status < OK or REDIRECTION <= status < LOWEST_ERROR:
        raise ProtocolError(f"{method} {path} returned {status}, which is neither success nor error")
    if status >= LOWEST_ERROR:
        try:
            raise error_of(method, path, status=status, headers=headers, body=body, secrets=secrets)
        finally:
            # Tracebacks may print local variables, and these may repeat the key.
            del body, headers
    try:
        return _decoded(body, decode, f"{method} {path}")
    except (ProtocolError, ValueError) as error:
        if words := _words_of_success(body, secrets):
            del body, headers
            raise ProtocolError(f"{method} {path} returned {status} with the errorMessage {words!r}") from None
        if isinstance(error, ProtocolError):
            del body, headers
            raise
        excerpt = _excerpt(body, secrets)
        content_type = redact(headers.get("content-type") or "no content type", secrets)
        del body, headers
        raise ProtocolError(
            f"{method} {path} returned {status} with a body that is not JSON ({content_type}): {excerpt}"
        ) from error.with_traceback(None)


def _decoded(body: bytes, decode: Callable[[bytes], Any], operation: str) -> Any:
    """Decode a body; where that fails, once more without a byte order mark and halves of characters."""
    try:
        return decode(body)
    except ValueError:
        changed = repaired(body, operation)
        if changed is None:
            raise
    return decode(changed)


def error_of(
    method: str, path: str, *, status: int, headers: Mapping[str, str], body: bytes, secrets: Iterable[str] = ()
) -> ApiError:
    """Return the error that a response with status 400 or above reports."""
    kind = ERRORS_BY_STATUS.get(status)
    if kind is None:
        kind = ServerError if status >= LOWEST_SERVER_ERROR else BadRequestError
    # A date in Retry-After is compared with the response's own: the machine's clock may be wrong.
    retry_after = parse_retry_after(headers.get("retry-after"), parse_http_date(headers.get("date", "")))
    return kind(status, method, path, _error_message(body, secrets), retry_after)


def _error_message(body: bytes, secrets: Iterable[str]) -> str | None:
    """Return the API's ``errorMessage``, of any type, or the beginning of a body that has none."""
    try:
        content = exact_json.decode(body)
    except ValueError:
        return _first_words(body, secrets) or None
    message = content.get("errorMessage", content) if isinstance(content, Mapping) else content
    if message in (None, "", {}, []):
        return None
    text = message if isinstance(message, str) else exact_json.encode(message).decode()
    return redact(text, secrets) or None


def _words_of_success(body: bytes, secrets: Iterable[str]) -> str | None:
    """Return the ``errorMessage`` of a response that reports an error with a status of success; None: it has none."""
    try:
        content = exact_json.decode(body)
    except ValueError:
        return None
    has_words = isinstance(content, Mapping) and content.get("errorMessage") not in (None, "", {}, [])
    return _error_message(body, secrets) if has_words else None


def _excerpt(body: bytes, secrets: Iterable[str]) -> str:
    """Return the beginning of a malformed body, or only its size if it may hold a record.

    The first words of a truncated record are personal data, and errors are logged.
    """
    if body.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")[:1] in (b"{", b"["):
        return f"{len(body)} bytes that begin like JSON"
    return _first_words(body, secrets) or "an empty body"


def _first_words(body: bytes, secrets: Iterable[str]) -> str:
    # A character takes at most four bytes in UTF-8.
    return redact(body[: 4 * (MAX_SEARCHED_CHARACTERS + 1)].decode("utf-8", "replace"), secrets)


class ListContent(NamedTuple):
    """Content of one page of a list.

    :param records: the records.
    :param ids: their ids.
    :param total: number of records in the list.
    """

    records: list[dict[str, Any]]
    ids: list[str]
    total: int


def decode_list(body: bytes, *, operation: str) -> ListContent:
    """Return the content of a page of a list.

    :raises ValueError: the body is not JSON.
    :raises ProtocolError: it is no page of a list.
    """
    content = exact_json.decode(body)
    records = records_in(content, operation)
    return ListContent(records, [id_of(record, operation) for record in records], total_in(content, operation))


def decode_record(body: bytes, *, operation: str, wrapped: bool, asked: tuple[str, str] | None) -> dict[str, Any]:
    """Return the record of a response.

    :param asked: field and value of the id that was asked for; None: the response may hold any record.
    :raises ValueError: the body is not JSON.
    :raises ProtocolError: it holds no record, or another one.
    """
    record = record_in(exact_json.decode(body), operation, wrapped=wrapped)
    if asked is not None:
        check_id_of(record, *asked, operation)
    return record


def decode_part(body: bytes, *, operation: str, read: Callable[[Any, str], Part]) -> Part:
    """Return what a function of this module, such as :func:`total_in`, reads from a body.

    :raises ValueError: the body is not JSON.
    :raises ProtocolError: it has another shape.
    """
    return read(exact_json.decode(body), operation)


def record_in(content: Any, operation: str, *, wrapped: bool) -> dict[str, Any]:
    """Return the single record of a response.

    :param content: the decoded body.
    :param operation: method and path, for the error.
    :param wrapped: True if the record is under ``data``.
    :raises ProtocolError: the response holds no record.
    """
    record = content.get("data") if wrapped and isinstance(content, dict) else content
    if not isinstance(record, dict):
        raise ProtocolError(f"{operation} returned {_kind(record)} where the API documents a record")
    return record


def records_in(content: Any, operation: str) -> list[dict[str, Any]]:
    """Return the records of a list.

    :param content: the decoded body.
    :param operation: method and path, for the error.
    :raises ProtocolError: the response holds no list of records.
    """
    records = content.get("data") if isinstance(content, dict) else content
    if not isinstance(records, list):
        raise ProtocolError(f"{operation} returned {_kind(records)} where the API documents a list of records")
    for index, record in enumerate(records):
        if not isinstance(record, dict):
            raise ProtocolError(f"{operation} returned {_kind(record)} where the API documents a record: data[{index}]")
    return records


def total_in(content: Any, operation: str) -> int:
    """Return the number of records of a paged list: ``meta.totalResources``.

    :raises ProtocolError: it is missing, or no whole number from 0 to 10**12.
    """
    meta = content.get("meta") if isinstance(content, dict) else None
    total = meta.get("totalResources") if isinstance(meta, dict) else None
    if isinstance(total, str) and TOTAL_DIGITS.fullmatch(total):
        total = int(total)
    if not isinstance(total, int) or isinstance(total, bool) or not 0 <= total <= MAX_TOTAL:
        raise ProtocolError(f"{operation} returned {_kind(total)} as meta.totalResources where a count is documented")
    return total


def next_page_in(content: Any, operation: str) -> int | str | None:
    """Return the next page of an analysis, ``meta.nextPage``; None on the last page.

    :raises ProtocolError: ``meta.hasMore`` is true, and ``meta.nextPage`` is no page.
    """
    meta = content.get("meta") if isinstance(content, dict) else None
    if not isinstance(meta, dict) or not meta.get("hasMore"):
        return None
    following = meta.get("nextPage")
    if not _is_page(following):
        raise ProtocolError(f"{operation} returned {_kind(following)} as meta.nextPage although meta.hasMore is true")
    return following


def id_of(record: Mapping[str, Any], operation: str) -> str:
    """Return the ``_id`` of a record.

    :raises ProtocolError: it is missing, longer than 200 characters, or not printable.
    """
    record_id = record.get("_id")
    if not isinstance(record_id, str) or not _is_id(record_id):
        raise ProtocolError(f"{operation} returned a record without a valid _id")
    return record_id


def check_id_of(record: Mapping[str, Any], id_field: str, record_id: str, operation: str) -> None:
    """Check that a response holds the record that was asked for.

    :param record: the record of the response.
    :param id_field: field with its id.
    :param record_id: the id that was asked for; case makes no difference.
    :param operation: method and path, for the error.
    :raises ProtocolError: the record has another id, or none.
    """
    if str(record.get(id_field)).casefold() != record_id.casefold():
        # Without the id that it has: it is not checked, and may be anything.
        raise ProtocolError(f"{operation} returned another record, or one without {id_field}")


def _is_page(value: Any) -> bool:
    if isinstance(value, str):
        return _is_id(value)
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_TOTAL


def _is_id(text: str) -> bool:
    """Return True for a text that can be the id of a record or a page. Error messages show it without redaction."""
    return 0 < len(text) <= MAX_ID_CHARACTERS and text.isprintable()


def _kind(value: Any) -> str:
    return {dict: "an object", list: "a list", str: "a text", type(None): "nothing"}.get(
        type(value), "a number or a flag"
    )
