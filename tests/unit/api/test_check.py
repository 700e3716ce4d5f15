"""Connection test: distinguishes a wrong key, a wrong host and a TLS fault."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests
import trustme

from airflow_provider_seventime.api.check import check_connection, examine_connection

HOST = "https://seventime.test"
KEY = "the-very-secret-key"
USER = "511e0a00c0ffee5eed0000aa"
NO_USER = (
    "No acting user: tasks that write records need the id of a user as login of the connection; `airflow seventime "
    "users` lists the ids (`python -m airflow_provider_seventime users` too)"
)


@pytest.fixture
def check(make_client):
    def checked(host="https://seventime.test", login=None, **extra):
        works, message = check_connection(make_client(host, password=KEY, login=login, attempts=1, **extra))
        assert KEY not in message
        return works, message

    return checked


def test_a_working_connection(check, api):
    api.answers("GET", "users", {"json": {"meta": {"totalResources": 12}, "data": []}})
    assert check() == (True, f"https://seventime.test accepts the API key; the account has 12 users. {NO_USER}")
    assert api.queries() == [{"limit": "1", "page": "1"}]


NOT_A_USER = (
    "The login of the connection is not the id of a user of this account, so records cannot be written: `airflow "
)


@pytest.mark.parametrize(
    ("answer", "works", "said"),
    [
        ({"json": {"data": {"_id": USER, "isActive": True}}}, True, "The acting user exists and is active"),
        ({"json": {"data": {"_id": USER}}}, True, "The acting user exists and is active"),
        (
            {"json": {"data": {"_id": USER, "isActive": False}}},
            False,
            "The acting user is not active; set another login",
        ),
        ({"status_code": 404}, False, NOT_A_USER),
        ({"status_code": 400}, False, NOT_A_USER),
        ({"status_code": 403}, False, f"The acting user was not tested: GET /api/2/users/{USER} returned 403"),
        ({"status_code": 503}, False, f"The acting user was not tested: GET /api/2/users/{USER} returned 503"),
    ],
    ids=["active", "no flag", "inactive", "404", "400", "rights", "maintenance"],
)
def test_the_acting_user_is_looked_at(check, api, answer, works, said):
    api.answers("GET", "users", {"json": {"meta": {"totalResources": 12}, "data": []}})
    api.answers("GET", f"users/{USER}", answer)
    result, message = check(login=USER)
    assert result is works
    assert message.startswith(f"https://seventime.test accepts the API key; the account has 12 users. {said}")
    assert len(api.requests) == 2


def test_a_login_that_cannot_be_an_id_is_not_sent(check, api):
    api.answers("GET", "users", {"json": {"meta": {"totalResources": 12}, "data": []}})
    works, message = check(login="Åke Sjöström")
    assert not works
    assert NOT_A_USER in message
    assert "Åke" not in message
    assert len(api.requests) == 1


class TestFindings:
    @pytest.fixture
    def examined(self, make_client, api):
        def findings(date_header, **extra):
            headers = {"Date": format_datetime(date_header, usegmt=True)} if date_header else {}
            api.answers("GET", "users", {"json": {"meta": {"totalResources": 12}, "data": []}, "headers": headers})
            return {one.part: one for one in examine_connection(make_client(HOST, login=None, attempts=1, **extra))}

        return findings

    def test_each_part_has_a_finding(self, examined):
        found = examined(datetime.now(UTC))
        assert list(found) == ["host and key", "acting user", "rate limit", "clock"]
        assert all(one.works for one in found.values())
        assert found["clock"].text in {
            f"This machine's clock and that of Seven Time differ by {seconds} s" for seconds in (0, 1, 2)
        }

    def test_a_wrong_clock_is_a_fault(self, examined):
        clock = examined(datetime.now(UTC) - timedelta(hours=1))["clock"]
        assert not clock.works
        assert clock.text.endswith(" s. Set this machine's clock: incremental reads may miss records")

    def test_a_response_without_a_date(self, examined):
        assert examined(None)["clock"].text.startswith("The clocks were not compared")

    @pytest.mark.parametrize(
        ("pacing", "said"),
        [
            ("machine", "10000 requests per second, shared by the processes of this user on this machine, in /"),
            ("process", "10000 requests per second, of this process alone"),
        ],
    )
    def test_the_rate_limit(self, examined, pacing, said):
        assert examined(None, pacing=pacing)["rate limit"].text.startswith(said)

    def test_only_the_fault_of_a_connection_that_does_not_work(self, make_client, api):
        api.answers("GET", "users", {"status_code": 401})
        (fault,) = examine_connection(make_client(HOST, attempts=1))
        assert (fault.part, fault.works) == ("host and key", False)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status_code": 401, "json": {"errorMessage": f"bad {KEY}"}},
         "https://seventime.test does not accept the API key. GET /api/2/users returned 401: bad ***."),
        ({"status_code": 403}, f"{HOST} accepts the API key, which may not read users."),
        ({"status_code": 404}, f"{HOST} responds, but not as the API of Seven Time. Check host. "),
        ({"text": "<html>hello</html>"}, f"{HOST} responds, but not as the API of Seven Time. Check host. "),
        ({"json": {"hello": 1}}, f"{HOST} responds, but not as the API of Seven Time. Check host. "),
        ({"status_code": 302, "headers": {"Location": "https://evil.example"}},
         f"{HOST} responds, but not as the API of Seven Time. Check host. "),
        ({"status_code": 503}, "GET /api/2/users returned 503."),
        ({"status_code": 429}, "GET /api/2/users returned 429."),
        ({"status_code": 400, "json": {"errorMessage": "x"}}, "GET /api/2/users returned 400: x."),
        ({"exc": requests.exceptions.ProxyError()},
         "The API key was not tested, because the fault is with the proxy: the proxy cannot reach seventime.test"),
        ({"exc": requests.exceptions.InvalidURL()}, "GET /api/2/users cannot be sent to seventime.test"),
    ],
    ids=["key", "rights", "404", "HTML", "other JSON", "redirect", "maintenance", "429", "400", "proxy", "address"],
)  # fmt: skip
def test_a_fault_is_named(check, api, answer, said):
    api.answers("GET", "users", answer)
    works, message = check()
    assert not works
    assert message.startswith(said)
    assert len(api.requests) == 1


def test_a_port_that_refuses(check):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert check(f"127.0.0.1:{port}") == (
        False,
        f"The API key was not tested, because the fault is with the host: 127.0.0.1:{port} refuses connections. "
        "Check host and port",
    )


def test_a_certificate_of_another_host(check, serve_response, http_response, tmp_path):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.test").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    server = serve_response(http_response(), context)
    works, message = check(f"https://127.0.0.1:{server.port}", ca_bundle=str(tmp_path / "ca.pem"))
    assert not works
    place = f"127.0.0.1:{server.port}"
    assert message.startswith(
        f"The API key was not tested, because the fault is with TLS: the TLS connection to {place} failed: "
    )


def test_a_real_server(check, serve_response, http_response):
    server = serve_response(http_response())
    assert check(f"127.0.0.1:{server.port}") == (
        True, f"http://127.0.0.1:{server.port} accepts the API key; the account has 3 users. {NO_USER}",
    )  # fmt: skip
