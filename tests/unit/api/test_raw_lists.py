"""Records as they came: byte for byte, each on a line, and never less checked than decoded ones."""

from __future__ import annotations

import json

import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.api.raw_lists import decode
from airflow_provider_seventime.exceptions import ProtocolError

RECORD = '{"_id": "5f48eb3e65d7ee4942c46eeb",  "price": 12345678901234567890.120, "name": "\\u00c5sa \\"Ek\\""}'


def answer(*records, total='"totalResources": 1'):
    return f'{{"meta": {{{total}}}, "data": [{", ".join(records)}]}}'.encode()


def test_a_record_keeps_its_text():
    raw = decode(answer(RECORD))
    assert raw.records == [RECORD.encode()]
    assert raw.ids == ["5f48eb3e65d7ee4942c46eeb"]
    assert raw.total == 1


def test_a_record_on_several_lines_becomes_one_with_the_same_values():
    pretty = json.dumps(json.loads(RECORD), indent=2).replace("1.2345678901234567e+19", "12345678901234567890.120")
    (line,) = decode(answer(pretty)).records
    assert b"\n" not in line
    assert exact_json.decode(line) == exact_json.decode(RECORD)
    assert b"12345678901234567890.120" in line


def test_an_empty_list():
    assert decode(answer(total='"totalResources": 0')).records == []


def test_a_total_in_quotes_is_a_total():
    raw = decode(answer(RECORD, total='"totalResources": "7"'))
    assert raw.total == 7
    assert exact_json.decode(raw.records[0]) == exact_json.decode(RECORD)


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": []}',
        b'{"meta": {"totalResources": -1}, "data": []}',
        b'{"meta": {"totalResources": 1}, "data": {}}',
        b'{"meta": {"totalResources": 1}, "data": [5]}',
        answer('{"name": "no id"}'),
        answer('{"_id": 5}'),
        answer('{"_id": ""}'),
        b"[]",
        b"5",
    ],
    ids=repr,
)
def test_what_is_no_list_is_a_protocol_error(body):
    with pytest.raises(ProtocolError):
        decode(body)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"meta"', answer('{"_id": "a", "x": "\xff"}').replace(b"\xc3\xbf", b"\xff")], ids=repr
)
def test_what_is_no_json_is_no_value(body):
    with pytest.raises(ValueError, match=r".") as caught:
        decode(body)
    assert not isinstance(caught.value, ProtocolError)
