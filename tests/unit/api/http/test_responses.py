"""Decoding of responses: records, errors of the API, and malformed bodies."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.api.http import raw_records
from airflow_provider_seventime.api.http.responses import (
    decode_response,
    id_of,
    next_page_in,
    record_in,
    records_in,
    total_in,
)
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

KEY = "the-very-secret-key"


def read(status=200, body=b"{}", headers=None):
    return decode_response("GET", "/api/2/users", status=status, headers=headers or {}, body=body, secrets=[KEY])


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequestError), (401, AuthenticationError), (403, ForbiddenError), (404, NotFoundError),
        (429, RateLimitedError), (500, ServerError), (502, ServerError), (503, ServerError), (504, ServerError),
        (599, ServerError), (408, ServerError), (425, ServerError),
        (402, BadRequestError), (405, BadRequestError), (409, BadRequestError),
        (407, BadRequestError), (413, BadRequestError), (421, BadRequestError), (422, BadRequestError),
        (423, BadRequestError),
    ],
)  # fmt: skip
def test_each_status_has_its_error(status, kind):
    with pytest.raises(ApiError) as caught:
        read(status, b'{"errorMessage": "it says"}')
    error = caught.value
    assert type(error) is kind
    assert (error.status, error.method, error.path, error.api_message) == (status, "GET", "/api/2/users", "it says")


@pytest.mark.parametrize("status", [100, 101, 199, 300, 304, 399])
def test_a_status_that_is_neither_success_nor_error_is_malformed(status):
    with pytest.raises(ProtocolError, match=rf"^GET /api/2/users returned {status}, which is neither success nor"):
        read(status, b"")


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_a_success_is_decoded(status):
    assert read(status, b'{"a": 1.10}') == {"a": Decimal("1.10")}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"errorMessage": "Customer missing"}', "Customer missing"),
        (b'{"errorMessage": 5}', "5"),
        (b'{"errorMessage": 1.50}', "1.50"),
        (b'{"errorMessage": true}', "true"),
        (b'{"errorMessage": ["a", {"b": 1}]}', '["a",{"b":1}]'),
        (b'{"errorMessage": {"code": "E11000"}}', '{"code":"E11000"}'),
        (b'{"errorMessage": null}', None),
        (b'{"errorMessage": ""}', None),
        (b'{"errorMessage": "  "}', None),
        (b'{"message": "other"}', '{"message":"other"}'),
        (b'"just text"', "just text"),
        (b"[1]", "[1]"),
        (b"null", None),
        (b"{}", None),
        (b"", None),
        (b"<html><h1>Bad\nGateway</h1>", "<html><h1>Bad Gateway</h1>"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"[" * 100_000, "[" * 197 + "..."),
        (b'{"errorMessage": ' + b"[" * 900 + b"]" * 900 + b"}", "[" * 197 + "..."),
        (b'{"errorMessage": 1e99999999999999999999}', '{"errorMessage": 1e99999999999999999999}'),
        (json.dumps({"errorMessage": "x" * 1_000_000}).encode(), "x" * 197 + "..."),
        ('{"errorMessage": "Häll"}'.encode("latin-1"), '{"errorMessage": "H\ufffdll"}'),
        ('{"errorMessage": "no"}'.encode("utf-16"), '\ufffd\ufffd{"errorMessage": "no"}'),
        (b'\xef\xbb\xbf{"errorMessage": "no"}', '{"errorMessage": "no"}'),
        ('{"errorMessage": "Häll {0} %s \\u0007"}'.encode(), "Häll {0} %s"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_the_message_of_the_api_is_read_whatever_its_type(body, message):
    with pytest.raises(BadRequestError) as caught:
        read(400, body)
    assert caught.value.api_message == message


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"errorMessage": f"wrong key {KEY}!"}).encode(),
        json.dumps({"errorMessage": {"headers": {"client-secret": KEY}}}).encode(),
        f"<html>{KEY}</html>".encode(),
        json.dumps([KEY]).encode(),
        f"{'x' * 190}{KEY}".encode(),
    ],
    ids=["text", "object", "HTML", "list", "cut"],
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_repeated_key_is_not_shown(body, status):
    if status == 200 and body[:1] in b"{[":
        body += b"cut"
    with pytest.raises((ApiError, ProtocolError)) as caught:
        read(status, body)
    assert "very-secret" not in str(caught.value)
    assert "the-very" not in repr(caught.value)


def test_a_message_is_shortened_to_a_line():
    with pytest.raises(ServerError) as caught:
        read(500, b"a\n\tb " * 500)
    assert len(caught.value.api_message) == 200
    assert caught.value.api_message.startswith("a b a b")


@pytest.mark.parametrize(
    ("header", "seconds"), [("3", 3.0), ("0", None), ("-1", None), ("soon", None), ("", None), (None, None)]
)
def test_an_error_carries_what_retry_after_asked_for(header, seconds):
    with pytest.raises(RateLimitedError) as caught:
        read(429, headers={} if header is None else {"retry-after": header})
    assert caught.value.retry_after_seconds == seconds


def test_a_date_in_retry_after_is_compared_with_the_date_of_the_response():
    headers = {"date": "Sat, 31 Jan 2026 12:00:00 GMT", "retry-after": "Sat, 31 Jan 2026 12:01:30 GMT"}
    with pytest.raises(RateLimitedError) as caught:
        read(429, headers=headers)
    assert caught.value.retry_after_seconds == 90


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"", "an empty body"),
        (b"<html>maintenance</html>", "<html>maintenance</html>"),
        (b'\r\n[{"userName": "Maria', "22 bytes that begin like JSON"),
    ],
    ids=["empty", "HTML", "cut in a name"],
)
def test_a_success_that_is_not_json_is_malformed(body, shown):
    with pytest.raises(ProtocolError) as caught:
        read(200, body, {"content-type": "text/html"})
    assert str(caught.value) == f"GET /api/2/users returned 200 with a body that is not JSON (text/html): {shown}"


@pytest.mark.parametrize("status", [200, 201, 204])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        '{"namn": "Häll"}'.encode("latin-1"),
        '{"namn": "Häll"}'.encode("utf-16"),
        b'{"n": 1e99999999999999999999}',
        b"\x1f\x8b\x08\x00",
    ],
    ids=["nothing", "latin-1", "UTF-16", "exponent", "packed twice"],
)
def test_a_malformed_success_is_a_short_transient_error(status, body):
    with pytest.raises(ProtocolError, match=f"returned {status} with a body that is not JSON") as caught:
        read(status, body)
    assert caught.value.transient
    assert str(caught.value).isprintable()


def test_halves_of_characters_and_a_byte_order_mark_are_replaced(caplog):
    body = (
        b'\xef\xbb\xbf{"meta": {"totalResources": 2}, "data": ['
        b'{"_id": "a", "t": "x\\ud83d \\\\ud83d \\ud83d\\ude00 \\udc00"}, {"_id": "b", "t": "\\u00e5"}]}'
    )
    expected = [{"_id": "a", "t": "x\ufffd \\ud83d \U0001f600 \ufffd"}, {"_id": "b", "t": "å"}]

    assert read(200, body)["data"] == expected
    for part in (body, body.removeprefix(b"\xef\xbb\xbf")):
        caplog.clear()
        raw = decode_response("GET", "/x", status=200, headers={}, body=part, decode=raw_records.decode)
        assert [exact_json.decode(bytes(record)) for record in raw.records] == expected
        assert "read as U+FFFD: 'a'" in caplog.text


@pytest.mark.parametrize("decode", [raw_records.decode, lambda body: records_in(exact_json.decode(body), "GET /x")])
def test_a_success_that_reports_an_error_has_the_words_of_the_api(decode):
    body = exact_json.encode({"errorMessage": f"Try later, {KEY}"})
    with pytest.raises(
        ProtocolError, match=r"^GET /x returned 200 with the errorMessage 'Try later, \*\*\*'$"
    ) as caught:
        decode_response("GET", "/x", status=200, headers={}, body=body, secrets=[KEY], decode=decode)
    assert caught.value.transient


def test_the_content_type_is_shortened_and_redacted():
    with pytest.raises(ProtocolError) as caught:
        read(200, b"<", {"content-type": f"text/{KEY}; {'x' * 5000}"})
    assert "with a body that is not JSON (text/***; xxx" in str(caught.value)
    assert len(str(caught.value)) < 300


class TestRecord:
    def test_is_under_data_or_bare(self):
        assert record_in({"data": {"_id": "a"}}, "GET x", wrapped=True) == {"_id": "a"}
        assert record_in({"_id": "a", "data": 1}, "POST x", wrapped=False) == {"_id": "a", "data": 1}

    @pytest.mark.parametrize(
        "content", [{}, {"data": None}, {"data": []}, {"data": "x"}, [], None, "text", 5], ids=repr
    )
    def test_is_required(self, content):
        with pytest.raises(ProtocolError, match=r"^GET x returned .* where the API documents a record$"):
            record_in(content, "GET x", wrapped=True)

    @pytest.mark.parametrize("content", [[], None, "text", 5, True, Decimal(1)], ids=repr)
    def test_is_required_bare(self, content):
        with pytest.raises(ProtocolError, match=r"^POST x returned .* where the API documents a record$"):
            record_in(content, "POST x", wrapped=False)

    @pytest.mark.parametrize(
        "record",
        [{}, {"_id": None}, {"_id": ""}, {"_id": 5}, {"id": "a"}, {"_id": "a" * 201}, {"_id": "a\nb"}],
        ids=repr,
    )
    def test_has_an_id(self, record):
        assert id_of({"_id": "a"}, "x") == "a"
        with pytest.raises(ProtocolError, match="x returned a record without a valid _id"):
            id_of(record, "x")


class TestList:
    def test_is_under_data_or_bare(self):
        assert records_in({"data": [{"_id": "a"}], "meta": {}}, "GET x") == [{"_id": "a"}]
        assert records_in([{"_id": "a"}], "GET x") == [{"_id": "a"}]

    @pytest.mark.parametrize("content", [{}, {"data": None}, {"data": {}}, None, "x", 5], ids=repr)
    def test_is_required(self, content):
        with pytest.raises(ProtocolError, match=r"^GET x returned .* where the API documents a list of records$"):
            records_in(content, "GET x")

    @pytest.mark.parametrize("element", [None, "x", 5, []], ids=repr)
    def test_holds_records(self, element):
        with pytest.raises(ProtocolError, match=r"^GET x returned .* where the API documents a record: data\[1\]$"):
            records_in({"data": [{}, element]}, "GET x")

    @pytest.mark.parametrize("total", [0, 7, "7", "0"], ids=repr)
    def test_has_a_total(self, total):
        assert total_in({"meta": {"totalResources": total}}, "x") == int(total)

    @pytest.mark.parametrize(
        "content",
        [[], {}, {"meta": None}, {"meta": []}, {"meta": {}}]
        + [
            {"meta": {"totalResources": total}}
            for total in (None, True, -1, "-1", "", "many", "²", "9" * 5000, 10**13, Decimal("1.0"))
        ],
        ids=repr,
    )
    def test_requires_a_total(self, content):
        with pytest.raises(
            ProtocolError, match=r"^GET x returned .* as meta\.totalResources where a count is documented$"
        ):
            total_in(content, "GET x")

    @pytest.mark.parametrize("value", [KEY, [KEY], {KEY: KEY}], ids=repr)
    def test_an_invalid_total_or_next_page_is_not_shown(self, value):
        with pytest.raises(ProtocolError) as caught:
            total_in({"meta": {"totalResources": value}}, "GET x")
        assert KEY not in str(caught.value)
        if not isinstance(value, str):  # a text may be a page's name
            with pytest.raises(ProtocolError) as caught:
                next_page_in({"meta": {"hasMore": True, "nextPage": value}}, "POST x")
            assert KEY not in str(caught.value)


class TestNextPage:
    @pytest.mark.parametrize("page", [2, "2", "cursor=="])
    def test_is_that_of_the_response(self, page):
        assert next_page_in({"meta": {"hasMore": True, "nextPage": page}}, "POST x") == page

    @pytest.mark.parametrize("content", [[], None, {}, {"meta": []}, {"meta": {"nextPage": 2}}], ids=repr)
    def test_is_none_on_the_last_page(self, content):
        assert next_page_in(content, "POST x") is None

    @pytest.mark.parametrize(
        "page",
        [None, True, "", -1, 10**13, 1.5, [2], {"page": 2}, "a" * 201, "a\x00b"],
        ids=lambda page: repr(page)[:20],
    )
    def test_is_required_if_there_is_more(self, page):
        with pytest.raises(
            ProtocolError, match=r"^POST x returned .* as meta\.nextPage although meta\.hasMore is true$"
        ):
            next_page_in({"meta": {"hasMore": True, "nextPage": page}}, "POST x")
