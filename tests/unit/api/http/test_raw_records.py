"""Undecoded records: unchanged bytes, one record a line, checked as decoded records are."""

from __future__ import annotations

import itertools
import json
import tracemalloc

import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.api.http.raw_records import UTF8_CHUNK_BYTES, decode
from airflow_provider_seventime.exceptions import ProtocolError

RECORD = '{"_id": "5f48eb3e65d7ee4942c46eeb",  "price": 12345678901234567890.120, "name": "\\u00c5sa \\"Ek\\""}'


def answer(*records, total='"totalResources": 1'):
    return f'{{"meta": {{{total}}}, "data": [{", ".join(records)}]}}'.encode()


def lines(raw):
    return [bytes(record) for record in raw.records]


def test_a_record_keeps_its_text():
    raw = decode(answer(RECORD))
    assert lines(raw) == [RECORD.encode()]
    assert raw.ids == ["5f48eb3e65d7ee4942c46eeb"]
    assert raw.total == 1


@pytest.mark.parametrize(
    "record",
    [
        '{"name": "x", "_id": "5f48eb3e65d7ee4942c46eec"}',
        '{ "_id" : "5f48eb3e65d7ee4942c46eec"}',
        '{"_id":"c46eec"}',
        '{"_id":"5F48EB3E65D7EE4942C46EEC"}',
        '{"_id":"5f48eb3e65d7ee4942c46eec0"}',
        '{"customer":{"_id":"5f48eb3e65d7ee4942c46eeb"},"_id":"5f48eb3e65d7ee4942c46eec"}',
        '{"_id":"5f48eb3e65d7ee4942c46eec","customer":{"_id":"5f48eb3e65d7ee4942c46eeb"}}',
        '{"_id":"\\u0035f48eb3e65d7ee4942c46eec"}',
    ],
    ids=["second field", "blanks", "short id", "upper case", "long id", "nested before", "nested after", "escaped"],
)
def test_the_id_of_a_record_in_any_form(record):
    first = '{"_id":"5f48eb3e65d7ee4942c46eea"}'
    assert decode(answer(first, record)).ids == ["5f48eb3e65d7ee4942c46eea", json.loads(record)["_id"]]


def test_a_record_on_several_lines_becomes_one_with_the_same_values():
    pretty = json.dumps(json.loads(RECORD), indent=2).replace("1.2345678901234567e+19", "12345678901234567890.120")
    (one,) = lines(decode(answer(pretty)))
    assert b"\n" not in one
    assert exact_json.decode(one) == exact_json.decode(RECORD)
    assert b"12345678901234567890.120" in one


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n \t\r\n"], ids=repr)
def test_line_ends_are_removed_between_the_parts_of_the_json_only(end):
    """JSON has line ends only between its parts: in a text they are escaped."""
    record = '{E"_id":E"a",E"text":E"1\\n2\\r\\u000a3",E"list":E[E1.10,E{}E]E}'
    plain, broken = (record.replace("E", one) for one in ("", end))
    assert lines(decode(answer(broken, plain))) == [plain.encode(), plain.encode()]


def test_a_page_takes_the_memory_of_its_response_once():
    body = answer(*(f'{{"_id": "{number}", "text": "{"x" * 2000}"}}' for number in range(500)))
    tracemalloc.start()
    try:
        raw = decode(body)
        kept_bytes, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(raw.records) == 500
    assert kept_bytes < peak_bytes < len(body) / 4
    assert lines(raw)[499].startswith(b'{"_id": "499", "text": "xxx')


PLACES = [*range(UTF8_CHUNK_BYTES - 4, UTF8_CHUNK_BYTES + 2), 2 * UTF8_CHUNK_BYTES - 1]
NO_LETTERS = {
    "no byte of UTF-8": b"\xff",
    "half of 2 bytes": b"\xc3",
    "two of 3 bytes": b"\xe2\x82",
    "three of 4 bytes": b"\xf0\x9f\x98",
    "a second byte alone": b"\xa5",
    "too long": b"\xc0\xaf",
    "half a pair": b"\xed\xa0\x80",
    "beyond Unicode": b"\xf5\x80\x80\x80",
}


class TestUtf8AcrossTheBorderOfTwoChunks:
    """A text that ends just around the border of two chunks."""

    @staticmethod
    def with_bytes_at(place, odd):
        head = b'{"meta": {"totalResources": 1}, "data": [{"_id": "a", "text": "'
        return head + b"x" * (place - len(head)) + odd + b'xyz"}]}'

    def test_a_letter_is_accepted(self, subtests):
        for place, letter in itertools.product(PLACES, ("å", "€", "😀")):
            with subtests.test(f"{letter} at {place}"):
                body = self.with_bytes_at(place, letter.encode())
                assert body[place : place + len(letter.encode())] == letter.encode()
                assert lines(decode(body)) == [body[body.index(b"[") + 1 : -2]]

    def test_other_bytes_are_refused(self, subtests):
        for place, (case, odd) in itertools.product(PLACES, NO_LETTERS.items()):
            with subtests.test(f"{case} at {place}"), pytest.raises(ValueError, match=r"."):
                decode(self.with_bytes_at(place, odd))

    def test_a_letter_that_the_end_cuts_is_refused(self):
        with pytest.raises(ValueError, match=r"."):
            decode(b'{"meta": {"totalResources": 0}, "data": []}\xc3')


def test_an_empty_list():
    assert decode(answer(total='"totalResources": 0')).records == []


def test_a_total_as_a_text_is_a_total():
    raw = decode(answer(RECORD, total='"totalResources": "7"'))
    assert raw.total == 7
    assert exact_json.decode(lines(raw)[0]) == exact_json.decode(RECORD)


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
def test_other_json_is_a_protocol_error(body):
    with pytest.raises(ProtocolError):
        decode(body)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"meta"', answer('{"_id": "a", "x": "\xff"}').replace(b"\xc3\xbf", b"\xff")], ids=repr
)
def test_other_bytes_are_a_value_error(body):
    with pytest.raises(ValueError, match=r".") as caught:
        decode(body)
    assert not isinstance(caught.value, ProtocolError)
