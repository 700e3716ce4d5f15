"""A page of a list whose records are left as they came, byte for byte: for those who only move them."""

from __future__ import annotations

import codecs

import msgspec

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.api.http.responses import id_of, records_in, total_in

LOOKED_AT_BYTES = 16 * 1024

_Utf8 = codecs.getincrementaldecoder("utf-8")


class RawList(msgspec.Struct, frozen=True):
    """What an answer holds, read no further than needed.

    :param records: each record's JSON: views of the answer, so that a page that waits for its turn is held once.
    :param ids: their ids.
    :param total: how many the list has in all.
    """

    records: list[msgspec.Raw]
    ids: list[str]
    total: int


class _Meta(msgspec.Struct):
    totalResources: int  # noqa: N815 - the API's name


class _Answer(msgspec.Struct):
    meta: _Meta
    data: list[msgspec.Raw]


class _Identified(msgspec.Struct):
    id: str = msgspec.field(name="_id")


_answers = msgspec.json.Decoder(_Answer)
_identities = msgspec.json.Decoder(_Identified)


def decode(body: bytes) -> RawList:
    """Read an answer with ``meta`` and ``data``.

    :raises ValueError: it is no JSON.
    :raises ProtocolError: it is no list, or a record has no ``_id``.
    """
    try:
        _check_text(body)  # what is left as it came is not looked at otherwise
        answer = _answers.decode(body)
        ids = [_identities.decode(record).id for record in answer.data]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _decode_with_care(body)
    checked = [id_of({"_id": one}, "the list") for one in ids]
    return RawList(answer.data, checked, total_in({"meta": {"totalResources": answer.meta.totalResources}}, "the list"))


def _check_text(body: bytes) -> None:
    """Look whether a body is UTF-8, without a second copy of it in memory.

    :raises ValueError: it is not.
    """
    text = _Utf8()
    view = memoryview(body)
    for start in range(0, len(body), LOOKED_AT_BYTES):
        text.decode(view[start : start + LOOKED_AT_BYTES])
    text.decode(b"", final=True)


def _decode_with_care(body: bytes) -> RawList:
    """Read what the fast way does not take: what is wrong with it, or a total that is a number in quotes."""
    content = exact_json.decode(body)
    records = records_in(content, "the list")
    lines = [msgspec.Raw(exact_json.encode(record)) for record in records]
    return RawList(lines, [id_of(record, "the list") for record in records], total_in(content, "the list"))


def line(record: msgspec.Raw) -> bytes:
    """Return a record's JSON without line ends."""
    text = bytes(record)
    return msgspec.json.format(text, indent=-1) if b"\n" in text or b"\r" in text else text
