"""Requests of foreign origin, and bodies without bound."""

from __future__ import annotations

import http.client
import itertools
import json

import pytest

from airflow_provider_seventime.sandbox.http.guard import MAX_BODY_BYTES

MEGABYTE = bytes(1024 * 1024)
FOREIGN = {
    "page of another site": {"Origin": "https://evil.example"},
    "page of another port": {"Origin": "http://127.0.0.1:1"},
    "sandboxed page": {"Origin": "null"},
    "rebound name": {"Host": "evil.example"},
    "rebound name with port": {"Host": "evil.example:8077"},
    "name that begins like an address": {"Host": "127.0.0.1.evil.example"},
    "malformed host": {"Host": "[::1"},
}
OWN = {
    "address": {},
    "localhost": {"Host": "localhost:8077"},
    "IPv6": {"Host": "[::1]:8077"},
    "page of the sandbox": {"Host": "localhost:8077", "Origin": "http://localhost:8077"},
}


def send(server, headers, body=b'{"seconds": 1}', path="/_sandbox/clock", **options):
    connection = http.client.HTTPConnection(server.base_url.partition("://")[2], timeout=10)
    try:
        connection.request("POST", path, body, headers, **options)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_requests_of_foreign_origin_change_nothing(api, subtests):
    before = api.server.now()
    for name, headers in FOREIGN.items():
        for path in ("/_sandbox/clock", "/_sandbox/reset", "/api/2/customers"):
            with subtests.test(origin=name, path=path):
                status, content = send(api.server, headers, path=path)
                assert (status, content["errorMessage"].split()[0]) == (403, next(iter(headers)))
    assert api.server.now() == before


def test_requests_of_this_machine_are_accepted(api, subtests):
    for name, headers in OWN.items():
        with subtests.test(origin=name):
            assert send(api.server, headers, b'{"frozen": true}')[0] == 200


@pytest.mark.parametrize("path", ["/_sandbox/load", "/api/2/customers"])
def test_a_body_without_end_is_refused(api, path):
    announced = {"Content-Length": str(MAX_BODY_BYTES + 1)}
    assert send(api.server, announced, b"", path) == (413, {"errorMessage": "the body is larger than 64 MiB"})

    pieces = itertools.repeat(MEGABYTE, MAX_BODY_BYTES // len(MEGABYTE) + 1)
    assert send(api.server, {}, pieces, path, encode_chunked=True)[0] == 413
