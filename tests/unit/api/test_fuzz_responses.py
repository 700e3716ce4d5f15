"""A fuzzer over all that the client decodes: whatever is answered, only our errors come out, short and without the key.

More examples, for a long run: SEVENTIME_FUZZ_EXAMPLES=20000.
"""

from __future__ import annotations

import gc
import gzip
import json
import logging
import random
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests_mock as requests_mock_module
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_seventime.api.client import SevenTimeClient
from airflow_provider_seventime.api.http.responses import decode_response
from airflow_provider_seventime.api.http.retry import RETRY_AFTER_LIMIT_SECONDS, parse_retry_after
from airflow_provider_seventime.api.settings import read_settings
from airflow_provider_seventime.exceptions import SevenTimeError
from tests.sizes import FUZZ_EXAMPLES
from tests.unit.api.conftest import BASE_URL, FakeClock

SAMPLES = [path.read_bytes() for path in sorted(Path(__file__).parents[2].glob("contract/samples/v2/*.json"))]
# The list that a create looks into, the answer to the create itself, a plain count: what the verbs live on.
SAMPLES += [
    b'{"meta": {"totalResources": 0}, "data": []}',
    b'{"meta": {"totalResources": 1}, "data": [{"_id": "5152", "notes": "[ref: r-1]", "customer": "c"}]}',
    b'{"meta": {"hasMore": true, "nextPage": 2}, "data": [{"count": 1}]}',
    b'{"errorMessage": "Customer missing"}',
]
KEY = 's3cr3t/Of+"Seven"=Time'
MARK = "Of+"
ID = "5152aefb7a4f9c2dd8000001"
LONGEST_ERROR_CHARACTERS = 1500
ROUNDS = max(50, FUZZ_EXAMPLES // 6)
# Of each call. An error that was kept is a kilobyte and more; CPython's own caches of names fill for a while.
LEAST_LEAK_BYTES = 200

# Its date narrows the look-up, so that the list is the first answer that is read.
DATES = {"invoiceDate": "2026-01-05"}
INVOICE = DATES | {"customer": ID, "language": "SV", "invoiceItems": [{"itemType": "general", "name": "Montage"}]}
VERBS = {
    "list": lambda client: list(client.list("timeLogs", max_records=1000)),
    "list unpaged": lambda client: list(client.list("invoiceTags")),
    "get": lambda client: client.get("timeLogs", ID),
    "get the only one": lambda client: client.get("companyInformation"),
    "count": lambda client: client.count("timeLogs"),
    "create": lambda client: client.create("timeLogs", {"user": ID, "timestamp": "2026-01-05 08:00", "time": 8}),
    "create once": lambda client: client.create("invoices", INVOICE, reference="r-1"),
    "put": lambda client: client.put("timeLogs", ID, {"user": ID, "description": "Rivning"}),
    "update": lambda client: client.update("timeLogs", ID, {"description": "Rivning"}),
    "delete": lambda client: client.delete("timeLogs", ID),
    "analyse": lambda client: list(client.analyse("invoices", {"groupBy": ["month"]})),
}

shards = st.sampled_from([
    b"", b"null", b"{", b"}", b"[", b"]", b",", b'"', b"\\", b"\\u0000", b"\\ud800", b"\0", b"\xff", b"\xef\xbb\xbf",
    b"-1", b"1e400", b"1e99999999999999999999", b"9" * 400, b"9" * 5000, b"0." + b"1" * 400, b"true", b"NaN",
    b"[" * 1200, b'{"a":' * 990, b'"_id": 5,', b'"_id": "",', b'"errorMessage": [[]],', b"<html>", b"x" * 5000,
])  # fmt: skip
echoes = st.sampled_from([KEY.encode(), json.dumps(KEY).encode(), quote(KEY, safe="").encode()])


@st.composite
def mutated_answers(draw: st.DrawFn) -> bytes:
    """A documented answer with a few places broken, and perhaps the key in it, whole."""
    body = bytearray(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(body)))
        end = start + draw(st.sampled_from([0, 0, 1, 2, 10, 100, 100_000]))
        body[start:end] = draw(shards)
    place = draw(st.integers(0, len(body)))
    body[place:place] = draw(st.just(b"") | echoes)
    return bytes(body)


def values_for(keys: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    plain = (
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=20) | st.sampled_from([KEY, KEY * 3, "x" * 2000, "\x00\x1b[31m", "2", 10**30, ID])
    )  # fmt: skip
    return st.recursive(
        plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5), max_leaves=12
    )


FIELDS = st.sampled_from([
    "data", "meta", "totalResources", "totalPages", "currentPage", "hasMore", "nextPage", "errorMessage", "_id",
    "notes", "customer", "user", "invoiceItems", KEY,
])  # fmt: skip
odd = values_for(FIELDS)
# What names a record or a page is shown as it is, so it is never the key here.
names = st.sampled_from([ID, ID[::-1], "a", "x" * 2000])
ids = names | odd.filter(lambda value: not isinstance(value, str))
records = st.fixed_dictionaries(
    {"_id": ids},
    optional={name: ids | st.just("[ref: r-1]") for name in ("notes", "customer", "user", "description", KEY)},
)
metas = st.fixed_dictionaries(
    {},
    optional={
        "totalResources": st.integers(-1, 3) | st.sampled_from(["1", 10**12, 10**12 + 1]) | odd,
        "hasMore": st.booleans() | odd,
        "nextPage": st.integers(0, 3) | ids,
    },
)
carrying = st.fixed_dictionaries(
    {"_id": ids, "notes": st.just("[ref: r-1]"), "customer": st.sampled_from([ID, "a"]) | st.text(max_size=3000)}
)
pages = st.fixed_dictionaries({
    "meta": st.fixed_dictionaries({"totalResources": st.integers(0, 3), "hasMore": st.just(True), "nextPage": ids}),
    "data": st.lists(records | carrying, max_size=3),
})  # fmt: skip
# Right in their outline, so that what is wrong in them is met far inside.
outlined = st.one_of(
    pages, records, records.map(lambda record: {"data": record}),
    st.fixed_dictionaries({"meta": metas, "data": st.lists(records, max_size=3) | odd}), st.lists(records, max_size=3),
    st.fixed_dictionaries({"errorMessage": odd}),
)  # fmt: skip
outlined_bodies = outlined.map(lambda value: json.dumps(value).encode())
bodies = st.one_of(
    outlined_bodies,
    st.binary(max_size=200),
    shards,
    echoes,
    mutated_answers(),
    values_for(FIELDS | st.text(max_size=5)).map(lambda value: json.dumps(value).encode()),
    values_for(FIELDS).map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-16")),
    mutated_answers().map(gzip.compress),
)
statuses = st.one_of(
    st.sampled_from([200, 200, 200, 201, 204, 301, 302, 304, 307, 400, 401, 403, 404, 408, 425, 429, 500, 502, 503]),
    st.integers(100, 999),
)
header_text = st.one_of(
    st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=30),
    st.sampled_from([
        "0", "1", "-1", "120", "121", "9" * 400, "gzip", "br", "gzip, gzip", "chunked", "1, 2", "application/json",
        "text/html; charset=utf-16", "text/html; charset=\x00", "http://[", "//evil.example", f"/{KEY}", KEY,
        "Fri, 31 Dec 9999 23:59:59 GMT", "Sat, 31 Jan 2026 11:59:59 -9999", "a=b; Domain=.test; Max-Age=99999999999",
    ]),
)  # fmt: skip
HEADERS = [
    "Content-Type", "Content-Encoding", "Content-Length", "Transfer-Encoding", "Location", "Retry-After", "Set-Cookie",
    "Link", "Connection", "X-Anything",
]  # fmt: skip
headers = st.dictionaries(st.sampled_from(HEADERS), header_text, max_size=4)
answers = st.one_of(
    st.fixed_dictionaries({"status_code": statuses, "content": bodies, "headers": headers}),
    st.fixed_dictionaries({"status_code": st.just(200), "content": outlined_bodies}),
)

profile = settings(
    max_examples=FUZZ_EXAMPLES,
    derandomize=FUZZ_EXAMPLES <= 1000,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


def new_client(clock: FakeClock | None = None, attempts: int = 6) -> SevenTimeClient:
    connection, _ = read_settings(
        host=BASE_URL, password=KEY, login=ID, extra={"pacing": "process", "requests_per_second": 10_000}
    )
    return SevenTimeClient(connection, clock=clock or FakeClock(), attempts=attempts)


def meet(verb: str, responses: list[dict[str, Any]]) -> SevenTimeError | None:
    """Let a verb of the client meet these answers, the last of them again and again; return its error."""
    with requests_mock_module.Mocker(case_sensitive=True) as mocker, new_client() as client:
        mocker.register_uri(requests_mock_module.ANY, requests_mock_module.ANY, list(responses))
        try:
            VERBS[verb](client)
        except SevenTimeError as error:
            return error
    return None


def assert_is_harmless(error: BaseException | None) -> None:
    while error is not None:
        if isinstance(error, SevenTimeError):
            assert len(str(error)) <= LONGEST_ERROR_CHARACTERS
        assert MARK not in f"{error}{error!r}{error.args!r}{vars(error)!r}"
        error = error.__cause__ or error.__context__


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep no record of each of thousands of repeats."""
    caplog.set_level(logging.CRITICAL)


@profile
@given(verb=st.sampled_from(list(VERBS)), responses=st.lists(answers, min_size=1, max_size=3))
def test_whatever_is_answered_ends_well_or_in_an_error_of_ours(verb: str, responses: list[dict[str, Any]]) -> None:
    assert_is_harmless(meet(verb, responses))


@profile
@given(status=statuses, head=headers, body=bodies)
def test_whatever_an_answer_holds_is_a_value_or_an_error_of_ours(
    status: int, head: dict[str, str], body: bytes
) -> None:
    lower = {name.lower(): value for name, value in head.items()}
    try:
        decode_response("GET", "/api/2/users", status=status, headers=lower, body=body, secrets=[KEY])
    except SevenTimeError as error:
        assert_is_harmless(error)


@profile
@given(text=header_text | st.text(max_size=40))
def test_whatever_retry_after_says_is_a_wait_or_nothing(text: str) -> None:
    seconds = parse_retry_after(text)
    assert seconds is None or 0 < seconds <= RETRY_AFTER_LIMIT_SECONDS


class BrokenApi:
    """Answers every request with a documented answer that has one place broken; always the same in the same order."""

    def __init__(self) -> None:
        self._chance = random.Random(4)

    def __call__(self, request: Any, context: Any) -> bytes:
        chance = self._chance
        context.status_code = chance.choice([200, 200, 201, 302, 400, 404, 429, 500])
        context.headers["Set-Cookie"] = f"c{chance.random()}=1; Path=/"
        context.headers["Location"] = f"/{chance.random()}"
        body = bytearray(chance.choice(SAMPLES))
        place = chance.randrange(len(body))
        body[place : place + chance.randrange(3)] = chance.randbytes(chance.randrange(4))
        return bytes(body)


def test_memory_does_not_grow() -> None:
    """One client over thousands of bad answers: what the second half leaves behind is next to nothing."""
    clock = FakeClock()
    with requests_mock_module.Mocker(case_sensitive=True) as mocker, new_client(clock, attempts=2) as client:
        mocker.register_uri(requests_mock_module.ANY, requests_mock_module.ANY, content=BrokenApi())

        def held_after(rounds: int) -> int:
            for _ in range(rounds):
                for verb in VERBS.values():
                    with suppress(SevenTimeError):
                        verb(client)
                mocker.reset_mock()
                clock.sleeps.clear()
            gc.collect()
            return tracemalloc.get_traced_memory()[0]

        tracemalloc.start()
        try:
            first_half_bytes = held_after(ROUNDS)
            second_half_bytes = held_after(ROUNDS)
        finally:
            tracemalloc.stop()
    assert second_half_bytes - first_half_bytes < ROUNDS * len(VERBS) * LEAST_LEAK_BYTES
