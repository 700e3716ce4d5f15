"""A page of a list whose records are left as they came, byte for byte: for those who only move them."""

from __future__ import annotations

import msgspec

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.api.answers import id_of, records_in, total_in


class RawList(msgspec.Struct, frozen=True):
    """What an answer holds, read no further than needed.

    :param records: each record's JSON, without line ends.
    :param ids: their ids.
    :param total: how many the list has in all.
    """

    records: list[bytes]
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
        body.decode()  # what is left as it came is not looked at otherwise
        answer = _answers.decode(body)
        ids = [_identities.decode(record).id for record in answer.data]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _decode_with_care(body)
    lines = [_line(record) for record in answer.data]
    checked = [id_of({"_id": one}, "the list") for one in ids]
    return RawList(lines, checked, total_in({"meta": {"totalResources": answer.meta.totalResources}}, "the list"))


def _decode_with_care(body: bytes) -> RawList:
    """Read what the fast way does not take: what is wrong with it, or a total that is a number in quotes."""
    content = exact_json.decode(body)
    records = records_in(content, "the list")
    lines = [exact_json.encode(record) for record in records]
    return RawList(lines, [id_of(record, "the list") for record in records], total_in(content, "the list"))


def _line(record: msgspec.Raw) -> bytes:
    text = bytes(record)
    return msgspec.json.format(text, indent=-1) if b"\n" in text or b"\r" in text else text
