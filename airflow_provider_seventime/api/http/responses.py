"""What an answer holds: from bytes to records, or to the error that they tell of. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.api.http.redaction import MAX_SEARCHED_CHARACTERS, redact
from airflow_provider_seventime.api.http.retry import parse_retry_after
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
    # The server gave up waiting for the request, or will not take it yet: both pass.
    408: ServerError,
    425: ServerError,
    429: RateLimitedError,
}
OK = 200
REDIRECTION = 300
LOWEST_ERROR = 400
LOWEST_SERVER_ERROR = 500
# What no list of one account reaches, so that nobody pages towards it.
LARGEST_TOTAL = 10**12
LONGEST_NAME = 200
COUNT = re.compile("[0-9]{1,13}")


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
    """Return what an answer holds.

    :param method: HTTP method of the request.
    :param path: its path.
    :param status: HTTP status.
    :param headers: header names in lower case.
    :param body: the body as received.
    :param secrets: texts that must appear in no error.
    :param decode: reads the body of a success; raises ValueError where it is no JSON. Defaults to reading all of it.
    :raises ApiError: the API answered with an error.
    :raises ProtocolError: the answer is no JSON.
    """
    if status < OK or REDIRECTION <= status < LOWEST_ERROR:
        raise ProtocolError(f"{method} {path} was answered {status}, which is neither success nor an error")
    if status >= LOWEST_ERROR:
        told = error_of(method, path, status=status, headers=headers, body=body, secrets=secrets)
        # Tracebacks may print variables, and these may echo the key.
        del body, headers
        raise told
    try:
        return decode(body)
    except ValueError as error:
        shown = _unreadable(body, secrets)
        kind = redact(headers.get("content-type") or "no content type", secrets)
        del body, headers
        raise ProtocolError(
            f"{method} {path} was answered {status} with no JSON ({kind}): {shown}"
        ) from error.with_traceback(None)


def error_of(
    method: str, path: str, *, status: int, headers: Mapping[str, str], body: bytes, secrets: Iterable[str] = ()
) -> ApiError:
    """Return the error that an answer tells of."""
    kind = ERRORS_BY_STATUS.get(status)
    if kind is None:
        kind = ServerError if status >= LOWEST_SERVER_ERROR else BadRequestError
    return kind(status, method, path, _message(body, secrets), parse_retry_after(headers.get("retry-after")))


def _message(body: bytes, secrets: Iterable[str]) -> str | None:
    """Return the API's ``errorMessage``, whatever its type, or the first words of a body that has none."""
    try:
        content = exact_json.decode(body)
    except ValueError:
        return _first_words(body, secrets) or None
    said = content.get("errorMessage", content) if isinstance(content, Mapping) else content
    if said in (None, "", {}, []):
        return None
    text = said if isinstance(said, str) else exact_json.encode(said).decode()
    return redact(text, secrets) or None


def _unreadable(body: bytes, secrets: Iterable[str]) -> str:
    # A record that breaks off has people's names in its first words, and errors are logged.
    if body.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")[:1] in (b"{", b"["):
        return f"{len(body)} bytes that begin like JSON"
    return _first_words(body, secrets) or "nothing"


def _first_words(body: bytes, secrets: Iterable[str]) -> str:
    # Four bytes are the most that one character takes in UTF-8.
    return redact(body[: 4 * (MAX_SEARCHED_CHARACTERS + 1)].decode("utf-8", "replace"), secrets)


def record_in(content: Any, where: str, *, wrapped: bool) -> dict[str, Any]:
    """Return the one record of an answer.

    :param content: the decoded answer.
    :param where: method and path, for the error.
    :param wrapped: the record stands under ``data``.
    :raises ProtocolError: there is no record.
    """
    record = content.get("data") if wrapped and isinstance(content, dict) else content
    if not isinstance(record, dict):
        raise ProtocolError(f"{where} was answered with no record: {_kind(record)} where an object was promised")
    return record


def records_in(content: Any, where: str) -> list[dict[str, Any]]:
    """Return the records of a list.

    :raises ProtocolError: it is no list of records.
    """
    records = content.get("data") if isinstance(content, dict) else content
    if not isinstance(records, list):
        raise ProtocolError(f"{where} was answered with no list: data is {_kind(records)}")
    for index, record in enumerate(records):
        if not isinstance(record, dict):
            raise ProtocolError(f"{where}: data[{index}] is {_kind(record)}, not a record")
    return records


def total_in(content: Any, where: str) -> int:
    """Return how many records a paged list has in all.

    :raises ProtocolError: ``meta.totalResources`` is missing or no count.
    """
    meta = content.get("meta") if isinstance(content, dict) else None
    total = meta.get("totalResources") if isinstance(meta, dict) else None
    if isinstance(total, str) and COUNT.fullmatch(total):
        total = int(total)
    if not isinstance(total, int) or isinstance(total, bool) or not 0 <= total <= LARGEST_TOTAL:
        raise ProtocolError(f"{where} was answered without meta.totalResources: it is {_kind(total)}")
    return total


def next_page_in(content: Any, where: str) -> int | str | None:
    """Return what ``meta`` names as the next page of an analysis, or None at the last.

    :raises ProtocolError: there is more, and it does not say where.
    """
    meta = content.get("meta") if isinstance(content, dict) else None
    if not isinstance(meta, dict) or not meta.get("hasMore"):
        return None
    following = meta.get("nextPage")
    if not _is_page(following):
        raise ProtocolError(f"{where} has more, and names no next page: it is {_kind(following)}")
    return following


def id_of(record: Mapping[str, Any], where: str) -> str:
    """Return a record's ``_id``.

    :raises ProtocolError: it has none, or one that no error could show.
    """
    record_id = record.get("_id")
    if not isinstance(record_id, str) or not _is_name(record_id):
        raise ProtocolError(f"{where}: a record without _id came back")
    return record_id


def _is_page(value: Any) -> bool:
    if isinstance(value, str):
        return _is_name(value)
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_TOTAL


def _is_name(text: str) -> bool:
    """Tell whether a text can name a record or a page: errors show it as it is."""
    return 0 < len(text) <= LONGEST_NAME and text.isprintable()


def _kind(value: Any) -> str:
    return {dict: "an object", list: "a list", str: "text", type(None): "nothing"}.get(type(value), "a number or flag")
