"""Settings of a connection: parsed values, defaults, and errors."""

from __future__ import annotations

import dataclasses
import json
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_seventime.api.settings import DEFAULT_HOST, Settings, read_settings
from airflow_provider_seventime.exceptions import ConfigError

KEY = "sk-Very.Secret/Key+42="
HASH_SECRET = "b1gger-and-just-as-secret"


def read(**given):
    return read_settings(**{"host": None, "password": KEY, **given})


def problems_of(**given) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(**given)
    head, *lines = str(caught.value).splitlines()
    assert head == "the Seven Time connection is invalid, correct these parts:"
    assert KEY not in str(caught.value)
    return [line.removeprefix("  - ") for line in lines]


def test_the_defaults():
    settings, warnings = read()
    assert warnings == []
    assert settings == Settings(
        base_url=DEFAULT_HOST,
        api_key=KEY,
        acting_user=None,
        api_version=2,
        zone=ZoneInfo("Europe/Stockholm"),
        requests_per_second=4.0,
        pacing="machine",
        page_size=500,
        connect_timeout_seconds=10.0,
        read_timeout_seconds=60.0,
        request_timeout_seconds=300.0,
        proxies={},
        ca_bundle=None,
    )


def test_every_part_is_read(tmp_path):
    bundle = tmp_path / "ca.pem"
    bundle.touch()
    settings, warnings = read(
        host="seventime.example",
        port=8443,
        login=" user-1 ",
        extra={
            "api_version": "1",
            "timezone": "Europe/Helsinki",
            "requests_per_second": "2.5",
            "pacing": "process",
            "page_size": "100",
            "connect_timeout_seconds": 3,
            "read_timeout_seconds": "0.5",
            "request_timeout_seconds": "20",
            "proxies": {"https": "http://proxy.example:3128"},
            "ca_bundle": str(bundle),
            "hash_secret": HASH_SECRET,
        },
    )
    assert warnings == []
    assert settings == Settings(
        base_url="https://seventime.example:8443",
        api_key=KEY,
        acting_user="user-1",
        api_version=1,
        zone=ZoneInfo("Europe/Helsinki"),
        requests_per_second=2.5,
        pacing="process",
        page_size=100,
        connect_timeout_seconds=3.0,
        read_timeout_seconds=0.5,
        request_timeout_seconds=20.0,
        proxies={"https": "http://proxy.example:3128"},
        ca_bundle=str(bundle),
        hash_secret=HASH_SECRET,
    )


@pytest.mark.parametrize("empty", [None, ""], ids=repr)
def test_an_empty_part_means_its_default(empty):
    names = [field.name for field in dataclasses.fields(Settings)]
    extra = {"timezone" if name == "zone" else name: empty for name in names if name not in
             ("base_url", "api_key", "acting_user")}  # fmt: skip
    assert read(host=empty, login=empty, extra=extra) == (read()[0], [])


class TestKey:
    @pytest.mark.parametrize("password", [None, "", "   ", "\n"], ids=repr)
    def test_is_required(self, password):
        assert problems_of(password=password) == [
            "password: empty. It must be the API key (Seven Time: Settings -> Integrations -> API)"
        ]

    @pytest.mark.parametrize("password", ["two words", "a\nb", "nyckel-å", "a\tb", "a\x00b", "漢字"], ids=repr)
    def test_with_a_character_that_no_header_can_have_is_refused_and_not_shown(self, password):
        (problem,) = problems_of(password=password)
        assert problem.startswith("password: the API key has a blank or a character that an HTTP header cannot have")
        assert password not in problem

    def test_is_stripped(self):
        assert read(password=f"  {KEY}\n")[0].api_key == KEY

    def test_is_in_no_repr(self):
        settings, _ = read(extra={"proxies": {"https": "http://user:proxy-password@proxy:1"}})
        for text in (repr(settings), str(settings), f"{settings}"):
            assert KEY not in text
            assert "proxy-password" not in text

    def test_is_in_no_other_error(self):
        assert len(problems_of(host="ftp://x", extra={"page_size": 0, "timezone": "Sweden"})) == 3


class TestHashSecret:
    def test_is_none_unless_given(self):
        assert read()[0].hash_secret is None

    @pytest.mark.parametrize("given", [16 * "x", f"  {16 * 'x'}\n", "sexton bokstäver", 1000 * "x"], ids=len)
    def test_is_stripped(self, given):
        assert read(extra={"hash_secret": given})[0].hash_secret == given.strip()

    @pytest.mark.parametrize(
        "given",
        ["fifteen-letters", f" {15 * 'x'} ", "  ", f"{HASH_SECRET}\n{HASH_SECRET}", f"{HASH_SECRET}\ud800"],
        ids=repr,
    )
    def test_too_short_or_on_two_lines_is_refused_and_not_shown(self, given):
        assert problems_of(extra={"hash_secret": given}) == [
            "hash_secret: must be 16 characters or more on one line, for example those of 'openssl rand -hex 32'"
        ]

    @pytest.mark.parametrize("given", [12345678901234567890, True, [HASH_SECRET], {"a": HASH_SECRET}], ids=repr)
    def test_of_another_type_is_refused_and_not_shown(self, given):
        assert problems_of(extra={"hash_secret": given}) == ["hash_secret: must be a text in quotation marks"]

    def test_is_in_no_repr_and_in_no_other_error(self):
        settings, _ = read(extra={"hash_secret": HASH_SECRET})

        for text in (repr(settings), str(settings), f"{settings}"):
            assert HASH_SECRET not in text
        assert HASH_SECRET not in str(problems_of(extra={"hash_secret": HASH_SECRET, "page_size": 0}))


class TestExtras:
    @pytest.mark.parametrize(
        ("name", "value", "problem"),
        [
            ("page_size", 0, "page_size: 0 is not a whole number from 1 to 500"),
            ("page_size", 501, "page_size: 501 is not a whole number from 1 to 500"),
            ("page_size", "-1", "page_size: '-1' is not a whole number from 1 to 500"),
            ("page_size", 1.5, "page_size: 1.5 is not a whole number"),
            ("page_size", "many", "page_size: 'many' is not a whole number"),
            ("page_size", True, "page_size: True is not a whole number"),
            ("page_size", [1], "page_size: [1] is not a whole number"),
            ("timezone", "Sweden", "timezone: 'Sweden' is not a known time zone. Write one like 'Europe/Stockholm'"),
            ("timezone", "../x", "timezone: '../x' is not a known time zone. Write one like 'Europe/Stockholm'"),
            ("api_version", 3, "api_version: 3 is neither 2 nor 1"),
            ("api_version", "2.0", "api_version: '2.0' is neither 2 nor 1"),
            ("requests_per_second", 0, "requests_per_second: 0 is not a number of requests from 0.01 to 10000"),
            ("requests_per_second", "fast", "requests_per_second: 'fast' is not a number of requests"),
            ("requests_per_second", "nan", "requests_per_second: 'nan' is not a number of requests from 0.01 to 10000"),
            ("requests_per_second", True,
             "requests_per_second: True is not a number of requests"),
            ("connect_timeout_seconds", 0,
             "connect_timeout_seconds: 0 is not a number of seconds from 0.001 to 86400"),
            ("read_timeout_seconds", "inf",
             "read_timeout_seconds: 'inf' is not a number of seconds from 0.001 to 86400"),
            ("request_timeout_seconds", 0,
             "request_timeout_seconds: 0 is not a number of seconds from 0.001 to 86400"),
            ("pacing", "reds://:hidden@cache/0", "pacing: 'reds://***@cache/0' is neither"),
            ("ca_bundle", False, "ca_bundle: must be a file. Certificate checks are always on"),
            ("ca_bundle", "False", "ca_bundle: must be a file. Certificate checks are always on"),
            ("ca_bundle", 0, "ca_bundle: must be a file. Certificate checks are always on"),
            ("pacing", "fleet", "pacing: 'fleet' is neither 'machine' nor 'process' nor a redis:// URL"),
            ("pacing", "redis:///0", "pacing: the Redis URL has no host. Write one like"),
            ("proxies", "http://proxy:3128", "proxies: is not a JSON object of scheme to proxy URL"),
            ("proxies", "[]", "proxies: must be an object of scheme to proxy URL"),
            ("proxies", {"https": 3128}, "proxies: must be an object of scheme to proxy URL"),
            ("ca_bundle", "/no/file.pem", "ca_bundle: the file '/no/file.pem' does not exist on this machine"),
            ("ca_bundle", "a\0b", "ca_bundle: the file 'a\\x00b' does not exist on this machine"),
        ],
        ids=lambda value: repr(value)[:30],
    )  # fmt: skip
    def test_a_malformed_one_is_an_error_that_names_it(self, name, value, problem):
        (found,) = problems_of(extra={name: value})
        assert found.startswith(problem)

    def test_a_huge_value_does_not_fill_the_message(self):
        (problem,) = problems_of(extra={"page_size": "9" * 5000})
        assert len(problem) < 200

    @pytest.mark.parametrize("size", [1, 500, "1", " 500 "])
    def test_the_smallest_and_largest_page_size(self, size):
        assert read(extra={"page_size": size})[0].page_size == int(size)

    def test_proxies_may_be_a_json_text_as_the_connection_form_makes_it(self):
        proxies = {"https": "http://proxy.example:3128"}
        assert read(extra={"proxies": json.dumps(proxies)})[0].proxies == proxies

    @pytest.mark.parametrize(
        ("name", "near"), [("pagesize", "page_size"), ("time_zone", "timezone"), ("verify_bundle", "ca_bundle")]
    )
    def test_an_unknown_one_is_a_warning_with_the_nearest_name(self, name, near):
        settings, warnings = read(extra={name: "secret value"})
        assert settings == read()[0]
        assert warnings == [f"unknown extra {name!r} is ignored: did you mean {near!r}?"]

    def test_an_unknown_one_without_a_near_name_lists_the_known_ones(self):
        _, (warning,) = read(extra={"xyzzy": 1})
        assert warning.startswith(
            "unknown extra 'xyzzy' is ignored: known are: api_version, ca_bundle, connect_timeout"
        )


def test_every_problem_is_in_one_error():
    found = problems_of(
        host="http://app.seventime.se/api/2",
        password="",
        extra={"page_size": 0, "timezone": "Sweden", "pacing": "x", "unknown": 1, "read_timeout_seconds": "soon"},
    )
    assert [problem.partition(":")[0] for problem in found] == [
        "timezone", "pacing", "page_size", "read_timeout_seconds", "host", "password",
    ]  # fmt: skip
