"""From an Airflow connection to the settings of a client."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import traceback
from types import SimpleNamespace
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from airflow.providers.common.compat.sdk import BaseHook

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.testing import CONN_ENV

KEY = "k3y/with+odd=signs&more%20"
HASH_SECRET = "hash/with+odd=signs&more%20"
EXTRA = {
    "api_version": 2,
    "timezone": "Europe/Helsinki",
    "requests_per_second": 2.5,
    "pacing": "process",
    "page_size": 200,
    "connect_timeout_seconds": 3,
    "read_timeout_seconds": 30.5,
    "proxies": {"https": "http://proxy.example:3128"},
    "hash_secret": HASH_SECRET,
}


def settings_of(form, monkeypatch):
    monkeypatch.setenv(CONN_ENV, form)
    return SevenTimeHook().get_conn().settings


@pytest.fixture
def whole_connection():
    return json.dumps(
        {
            "conn_type": "seventime",
            "host": "https://seventime.example:8443",
            "login": "511e0a00c0ffee5eed0000aa",
            "password": KEY,
            "extra": EXTRA,
        }
    )


def test_json_form(monkeypatch, whole_connection):
    settings = settings_of(whole_connection, monkeypatch)

    assert settings.base_url == "https://seventime.example:8443"
    assert settings.api_key == KEY
    assert settings.acting_user == "511e0a00c0ffee5eed0000aa"
    assert settings.zone == ZoneInfo("Europe/Helsinki")
    assert (settings.requests_per_second, settings.pacing, settings.page_size) == (2.5, "process", 200)
    assert (settings.connect_timeout_seconds, settings.read_timeout_seconds) == (3, 30.5)
    assert settings.proxies == {"https": "http://proxy.example:3128"}
    assert settings.hash_secret == HASH_SECRET


def test_uri_form(monkeypatch):
    uri = f"seventime://user-id:{quote(KEY, safe='')}@app.seventime.se/?page_size=200&timezone=Europe%2FOslo"

    settings = settings_of(uri, monkeypatch)

    assert (settings.base_url, settings.api_key) == ("https://app.seventime.se", KEY)
    assert (settings.acting_user, settings.page_size, settings.zone.key) == ("user-id", 200, "Europe/Oslo")


def test_a_uri_with_a_port(monkeypatch):
    assert settings_of("seventime://:of-no-account@localhost:8077", monkeypatch).base_url == "http://localhost:8077"


def test_a_connection_survives_the_way_through_a_uri(monkeypatch, whole_connection):
    settings = settings_of(whole_connection, monkeypatch)
    uri = BaseHook.get_connection("seventime_default").get_uri()

    assert uri.startswith("seventime://")
    assert settings_of(uri, monkeypatch) == settings


def test_an_ipv6_address_in_a_uri(monkeypatch, subtests):
    for uri, base_url in [
        ("seventime://:of-no-account@[::1]:8077", "http://[::1]:8077"),
        ("seventime://:of-no-account@[2001:db8::1]/?page_size=200", "https://[2001:db8::1]"),
        ("seventime://:of-no-account@http%3A%2F%2F%5B%3A%3A1%5D%3A8077", "http://[::1]:8077"),
    ]:
        with subtests.test(uri):
            assert settings_of(uri, monkeypatch).base_url == base_url
            assert settings_of(BaseHook.get_connection("seventime_default").get_uri(), monkeypatch).base_url == base_url


def test_a_schema_is_refused(monkeypatch, subtests):
    for form in (
        json.dumps({"conn_type": "seventime", "password": "of-no-account", "schema": "api"}),
        "seventime://:of-no-account@app.seventime.se/api",
    ):
        with (
            subtests.test(form),
            pytest.raises(ConfigError, match="schema: a connection to Seven Time has none"),
        ):
            settings_of(form, monkeypatch)


def test_the_least_that_a_connection_needs_is_the_key(monkeypatch):
    settings = settings_of(json.dumps({"conn_type": "seventime", "password": "of-no-account"}), monkeypatch)

    assert settings.base_url == "https://app.seventime.se"
    assert settings.acting_user is None
    assert (settings.zone.key, settings.requests_per_second, settings.pacing) == ("Europe/Stockholm", 4, "machine")
    assert (settings.page_size, settings.connect_timeout_seconds, settings.read_timeout_seconds) == (500, 10, 60)


def test_what_a_form_leaves_empty_counts_as_left_out(connect):
    connect(login="", extra={"page_size": "", "timezone": None, "proxies": "", "pacing": "process"})

    settings = SevenTimeHook().get_conn().settings

    assert (settings.acting_user, settings.page_size, settings.zone.key) == (None, 500, "Europe/Stockholm")


def test_another_connection_id(monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_OTHER_ACCOUNT", "seventime://:other-key@app.seventime.se")

    assert SevenTimeHook("other_account").get_conn().settings.api_key == "other-key"


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        pytest.param("{'page_size': 500}", "extra is not JSON", id="python-instead-of-json"),
        pytest.param("[500]", "extra must be a JSON object", id="list"),
        pytest.param('"page_size"', "extra must be a JSON object", id="text"),
    ],
)
def test_malformed_extra(monkeypatch, extra, said):
    # Airflow's own backends refuse some of it in some versions, others hand it over as it stands.
    parts = {"host": None, "password": "of-no-account", "port": None, "login": None, "schema": None, "extra": extra}
    monkeypatch.setattr(SevenTimeHook, "get_connection", staticmethod(lambda _: SimpleNamespace(**parts)))

    with pytest.raises(ConfigError, match=f"connection 'seventime_default': {said}"):
        SevenTimeHook().get_conn()


def test_every_problem_of_a_connection_is_in_one_error(connect):
    connect(host="http://seventime.example/api", password="", extra={"page_size": 501, "timezone": "Europe/Malmö"})

    with pytest.raises(ConfigError) as caught:
        SevenTimeHook().get_conn()

    text = str(caught.value)
    assert text.startswith("connection 'seventime_default': the Seven Time connection is invalid, correct these parts:")
    for part in ("page_size", "timezone", "host", "password"):
        assert f"\n  - {part}: " in text


def test_an_unknown_extra_is_one_warning_that_names_it(connect, logs):
    connect(extra={"pagesize": 100, "pacing": "process"})
    hook = SevenTimeHook()

    assert hook.get_conn().settings.page_size == 500
    hook.get_conn()

    assert logs.times("Connection 'seventime_default': unknown extra 'pagesize' is ignored") == 1
    assert "did you mean 'page_size'?" in logs


def test_one_hook_has_one_client(connect):
    connect()
    hook = SevenTimeHook()

    assert hook.get_conn() is hook.get_conn()
    assert SevenTimeHook().get_conn() is not hook.get_conn()


def test_a_hook_looks_nothing_up_before_it_works():
    assert SevenTimeHook("no_such_connection").seventime_conn_id == "no_such_connection"


def test_asynchronous_lookup_reads_the_same_settings(connect):
    connect()

    client = asyncio.run(SevenTimeHook().aget_conn(attempts=1))

    assert client.settings == SevenTimeHook().get_conn().settings


def test_asynchronous_lookup_of_a_malformed_connection(connect):
    connect(extra={"page_size": 0})

    with pytest.raises(ConfigError, match="connection 'seventime_default'"):
        asyncio.run(SevenTimeHook().aget_conn())


every_look_up = pytest.mark.parametrize(
    "look_up",
    [
        pytest.param(lambda hook: hook.get_conn(), id="get_conn"),
        pytest.param(lambda hook: asyncio.run(hook.aget_conn()), id="aget_conn"),
        pytest.param(lambda hook: hook.test_connection(), id="test_connection"),
    ],
)


@every_look_up
def test_the_key_is_masked_in_task_logs(connect, masked, look_up, request):
    # A key from a file often ends in a line end; what is sent, and might be logged, is the key without it.
    key = f"key-of-{request.node.name}"
    connect(password=f"{key}\n", host="http://127.0.0.1:9")

    look_up(SevenTimeHook())

    assert masked(f"sent {key} to the API") == "sent *** to the API"


@every_look_up
def test_the_hash_secret_is_masked_in_task_logs(connect, masked, look_up, request):
    secret = f"secret-of-{request.node.name}"
    connect(host="http://127.0.0.1:9", extra={"pacing": "process", "hash_secret": f"{secret}\n"})

    look_up(SevenTimeHook())

    assert masked(f"hashed with {secret} here") == "hashed with *** here"


def test_airflow_knows_the_extra_for_a_secret_by_its_name(masked):
    shown = masked({"hash_secret": "never-seen-by-any-mask", "page_size": 200})

    assert shown == {"hash_secret": "***", "page_size": 200}


def test_airflows_api_does_not_show_the_hash_secret():
    datamodels = pytest.importorskip("airflow.api_fastapi.core_api.datamodels.connections", reason="Airflow 3 only")
    names = ("description", "host", "login", "schema", "port", "password", "team_name")
    stored = {"conn_id": "seventime_default", "conn_type": "seventime", "extra": json.dumps(EXTRA)}

    shown = datamodels.ConnectionResponse.model_validate(SimpleNamespace(**stored, **dict.fromkeys(names)))

    assert HASH_SECRET not in shown.model_dump_json()
    assert json.loads(shown.extra)["page_size"] == EXTRA["page_size"]


def test_the_client_hashes_with_the_secret_of_the_connection(connect):
    connect(extra={"pacing": "process", "hash_secret": HASH_SECRET})
    protection = SevenTimeHook().get_conn().protection("timeLogs", ["description"], ["userName"])

    protected = protection.apply({"_id": "t1", "userName": "Åke Sjöström", "description": "Jour"})

    digest = hmac.new(HASH_SECRET.encode(), "Åke Sjöström".encode(), hashlib.sha256).hexdigest()
    assert protected == {"_id": "t1", "userName": digest}


def test_without_the_secret_nothing_is_hashed(connect):
    connect()

    with pytest.raises(ConfigError, match="set the extra hash_secret of the Seven Time connection"):
        SevenTimeHook().get_conn().protection("timeLogs", [], ["userName"])


def test_version_1_protects_what_it_has(connect):
    connect(extra={"pacing": "process", "api_version": 1})
    client = SevenTimeHook().get_conn()

    assert client.protection("users", ["firstName"], []).apply({"_id": "u1", "firstName": "Åke"}) == {"_id": "u1"}
    with pytest.raises(ConfigError, match="version 1 of the API has no timeLogs"):
        client.protection("timeLogs", ["userName"], [])


def shown_with_variables(fail):
    """Return the traceback with local variables; it begins here, where none holds the secret."""
    with pytest.raises(ConfigError) as caught:
        fail(SevenTimeHook())
    # ``airflow dags test`` of Airflow 3.0 and error trackers show them.
    return "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())


@pytest.mark.parametrize(
    ("fail", "said"),
    [
        pytest.param(
            lambda hook: hook.get_conn().protection("timeLogs", ["usrName"], ["user"]), "'usrName'", id="wrong-path"
        ),
        pytest.param(
            lambda hook: hook.get_conn().protection("timelogs", [], []), "unknown collection", id="wrong-collection"
        ),
    ],
)
def test_no_traceback_shows_the_hash_secret(connect, fail, said):
    connect(extra={"pacing": "process", "hash_secret": HASH_SECRET})

    shown = shown_with_variables(fail)

    assert said in shown
    assert HASH_SECRET not in shown


def test_nor_does_that_of_a_wrong_connection(connect):
    connect(extra={"page_size": 0, "hash_secret": HASH_SECRET})

    shown = shown_with_variables(lambda hook: hook.get_conn())

    assert "page_size: 0 is not a whole number" in shown
    assert HASH_SECRET not in shown
