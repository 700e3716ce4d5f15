"""Redis connections that the extra pacing names, masked secrets, and connections that do not exist."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import Connection

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.hooks.connection_parts import pacing_conn_id, read_extra, redis_url, secrets_of
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.testing import CONN_ENV

PASSWORD = "r3dis/with+odd=signs&more%20"
LOOK_UPS = {
    "task": lambda hook: hook.get_conn(),
    "trigger": lambda hook: asyncio.run(hook.aget_conn()),
}
URLS: list[tuple[dict[str, Any], str]] = [
    ({"host": "cache.example"}, "redis://cache.example:6379/0"),
    ({"host": "cache.example", "port": 6380, "extra": {"db": 3}}, "redis://cache.example:6380/3"),
    ({"host": "::1", "password": "secret"}, "redis://:secret@[::1]:6379/0"),
    (
        {"host": "cache.example", "login": "airflow", "password": PASSWORD},
        "redis://airflow:r3dis%2Fwith%2Bodd%3Dsigns%26more%2520@cache.example:6379/0",
    ),
    (
        {"host": "cache.example", "extra": {"ssl": True, "ssl_cert_reqs": "required", "ssl_ca_certs": "/etc/ca.pem"}},
        "rediss://cache.example:6379/0?ssl_cert_reqs=required&ssl_ca_certs=%2Fetc%2Fca.pem",
    ),
]


def connection(**parts):
    extra = parts.pop("extra", None)
    return Connection(**{"conn_id": "cache", "conn_type": "redis", "extra": extra and json.dumps(extra), **parts})


def test_a_redis_connection_as_a_url(subtests):
    for parts, url in URLS:
        with subtests.test(url=url):
            assert redis_url(connection(**parts)) == url


@pytest.mark.parametrize("parts", [{"conn_type": "http", "host": "cache.example"}, {"host": None}])
def test_another_connection_is_refused(parts):
    with pytest.raises(ConfigError, match=r"^pacing: the Airflow connection 'cache' is no Redis connection .*\nChoose"):
        redis_url(connection(**parts))


def test_what_pacing_names(subtests):
    for pacing, expected in {
        "machine": None,
        "process": None,
        "": None,
        "redis://cache": None,
        7: None,
        " cache ": "cache",
    }.items():
        with subtests.test(pacing=pacing):
            assert pacing_conn_id({"pacing": pacing}) == expected


def test_secrets_among_the_extras():
    extra = {
        "hash_secret": "of the hashes",
        "pacing": "redis://user:p%2Fw@cache/0",
        "proxies": {"https": "http://someone:of-the-proxy@proxy.example", "http": "http://[::1"},
    }

    assert secrets_of(extra) == ["of the hashes", "p%2Fw", "p/w", "of-the-proxy", "of-the-proxy"]


def test_malformed_extras_are_in_no_variable():
    with pytest.raises(ConfigError, match="extra is not JSON") as caught:
        read_extra(f'{{"hash_secret": "{PASSWORD}"')

    assert PASSWORD not in repr(vars(caught.value.__cause__))


@pytest.mark.parametrize("look_up", LOOK_UPS.values(), ids=LOOK_UPS)
def test_the_hook_reads_the_connection_that_pacing_names(monkeypatch, look_up):
    pytest.importorskip("redis")
    monkeypatch.setenv(
        CONN_ENV, json.dumps({"conn_type": "seventime", "password": "key", "extra": {"pacing": "cache"}})
    )
    parts = {"conn_type": "redis", "host": "cache.example", "password": PASSWORD}
    monkeypatch.setenv("AIRFLOW_CONN_CACHE", json.dumps(parts))

    with look_up(SevenTimeHook()) as client:
        assert client.settings.pacing == redis_url(connection(host="cache.example", password=PASSWORD))
        assert PASSWORD not in repr(client.settings)


@pytest.mark.parametrize("look_up", LOOK_UPS.values(), ids=LOOK_UPS)
@pytest.mark.parametrize(
    ("variables", "missing"),
    [
        ({}, "seventime_default"),
        ({CONN_ENV: {"conn_type": "seventime", "password": "key", "extra": {"pacing": "fleet"}}}, "fleet"),
    ],
    ids=["Seven Time", "Redis"],
)
def test_a_connection_that_does_not_exist_is_a_permanent_error(monkeypatch, look_up, variables, missing):
    for name, parts in variables.items():
        monkeypatch.setenv(name, json.dumps(parts))

    with pytest.raises(ConfigError, match=rf"{missing}.* isn't defined\nCreate the connection in Airflow") as caught:
        look_up(SevenTimeHook())
    assert not caught.value.transient
