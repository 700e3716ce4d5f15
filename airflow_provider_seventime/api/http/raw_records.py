"""Responses of a list whose records stay undecoded JSON, for callers that only move them to another place."""

from __future__ import annotations

import codecs
import re

import msgspec

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.api.http.half_characters import has_half_characters
from airflow_provider_seventime.api.http.responses import id_of, records_in, total_in

UTF8_CHUNK_BYTES = 32 * 1024

_Utf8Decoder = codecs.getincrementaldecoder("utf-8")
_FIRST_FIELD_IS_ID = re.compile(rb'\{"_id":"([0-9a-f]{24})"')


class RawList(msgspec.Struct, frozen=True):
    """Response of a list, decoded no further than needed.

    :param records: JSON of each record, without line ends. They are views of the response, so that a page in memory
        takes the size of its response once.
    :param ids: the ``_id`` of each record.
    :param total: number of records in the list.
    """

    records: list[msgspec.Raw]
    ids: list[str]
    total: int


class _Meta(msgspec.Struct):
    totalResources: int  # noqa: N815 - the API's name


class _Response(msgspec.Struct):
    meta: _Meta
    data: list[msgspec.Raw]


class _RecordId(msgspec.Struct):
    id: str = msgspec.field(name="_id")


_response_decoder = msgspec.json.Decoder(_Response)
_id_decoder = msgspec.json.Decoder(_RecordId)


def decode(body: bytes, *, operation: str = "the list") -> RawList:
    """Decode a response with ``meta`` and ``data``.

    :param body: the body.
    :param operation: method and path, for errors.

    :raises ValueError: the body is not JSON.
    :raises ProtocolError: the body is not a list, or a record has no ``_id``.
    """
    if has_half_characters(body):
        raise ValueError("a text holds half of a character")
    try:
        _check_utf8(body)  # msgspec does not check the text of undecoded records
        response = _response_decoder.decode(body)
        ids = _ids_of(response.data, operation)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _decode_exactly(body, operation)
    records = response.data
    if b"\n" in body or b"\r" in body:
        records = [_without_line_ends(record) for record in records]
    return RawList(records, ids, total_in({"meta": {"totalResources": response.meta.totalResources}}, operation))


def _ids_of(records: list[msgspec.Raw], operation: str) -> list[str]:
    """Return the ids of records.

    :raises ProtocolError: a record has no ``_id``, or one that no error could show.
    :raises msgspec.MsgspecError: a record is not an object, or its ``_id`` is missing or not a text.
    """
    matches = list(map(_FIRST_FIELD_IS_ID.match, records))
    if all(matches):  # as the API writes records; much faster than decoding each
        return [match[1].decode() for match in matches if match]
    return [id_of({"_id": _id_decoder.decode(record).id}, operation) for record in records]


def _check_utf8(body: bytes) -> None:
    """Check that a body is UTF-8, without a second copy of it in memory.

    :raises ValueError: it is not.
    """
    decoder = _Utf8Decoder()
    view = memoryview(body)
    for start in range(0, len(body), UTF8_CHUNK_BYTES):
        decoder.decode(view[start : start + UTF8_CHUNK_BYTES])
    decoder.decode(b"", final=True)


def _decode_exactly(body: bytes, operation: str) -> RawList:
    """Decode a response that the fast decoder refuses: raise its error, or accept a total written as a text."""
    content = exact_json.decode(body)
    records = records_in(content, operation)
    lines = [msgspec.Raw(exact_json.encode(record)) for record in records]
    return RawList(lines, [id_of(record, operation) for record in records], total_in(content, operation))


def _without_line_ends(record: msgspec.Raw) -> msgspec.Raw:
    text = bytes(record)
    if b"\n" in text or b"\r" in text:
        return msgspec.Raw(msgspec.json.format(text, indent=-1))
    return record
