"""Responses of a list whose records stay undecoded JSON, for callers that only move them to another place."""

from __future__ import annotations

import codecs

import msgspec

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.api.http.responses import id_of, records_in, total_in
from airflow_provider_seventime.seen_ids import ID_DIGITS

UTF8_CHUNK_BYTES = 16 * 1024

_Utf8Decoder = codecs.getincrementaldecoder("utf-8")


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


class _ResponseIds(msgspec.Struct):
    data: list[_RecordId]


_response_decoder = msgspec.json.Decoder(_Response)
_ids_decoder = msgspec.json.Decoder(_ResponseIds)


def decode(body: bytes) -> RawList:
    """Decode a response with ``meta`` and ``data``.

    :raises ValueError: the body is not JSON.
    :raises ProtocolError: the body is not a list, or a record has no ``_id``.
    """
    try:
        _check_utf8(body)  # msgspec does not check the text of undecoded records
        response = _response_decoder.decode(body)
        ids = [record.id for record in _ids_decoder.decode(body).data]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _decode_exactly(body)
    if not "".join(ids).isalnum() or set(map(len, ids)) != {ID_DIGITS}:
        for record_id in ids:
            id_of({"_id": record_id}, "the list")
    records = response.data
    if b"\n" in body or b"\r" in body:
        records = [_without_line_ends(record) for record in records]
    return RawList(records, ids, total_in({"meta": {"totalResources": response.meta.totalResources}}, "the list"))


def _check_utf8(body: bytes) -> None:
    """Check that a body is UTF-8, without a second copy of it in memory.

    :raises ValueError: it is not.
    """
    decoder = _Utf8Decoder()
    view = memoryview(body)
    for start in range(0, len(body), UTF8_CHUNK_BYTES):
        decoder.decode(view[start : start + UTF8_CHUNK_BYTES])
    decoder.decode(b"", final=True)


def _decode_exactly(body: bytes) -> RawList:
    """Decode a response that the fast decoder refuses: raise its error, or accept a total written as a text."""
    content = exact_json.decode(body)
    records = records_in(content, "the list")
    lines = [msgspec.Raw(exact_json.encode(record)) for record in records]
    return RawList(lines, [id_of(record, "the list") for record in records], total_in(content, "the list"))


def _without_line_ends(record: msgspec.Raw) -> msgspec.Raw:
    text = bytes(record)
    if b"\n" in text or b"\r" in text:
        return msgspec.Raw(msgspec.json.format(text, indent=-1))
    return record
