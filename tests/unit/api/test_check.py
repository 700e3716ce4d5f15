"""Connection test: distinguishes a wrong key, a wrong host and a TLS fault."""

from __future__ import annotations

import socket
import ssl

import pytest
import requests
import trustme

from airflow_provider_seventime.api.check import check_connection

HOST = "https://seventime.test"
KEY = "the-very-secret-key"


@pytest.fixture
def check(make_client):
    def checked(host="https://seventime.test", **extra):
        works, message = check_connection(make_client(host, password=KEY, attempts=1, **extra))
        assert KEY not in message
        return works, message

    return checked


def test_a_working_connection(check, api):
    api.answers("GET", "users", {"json": {"meta": {"totalResources": 12}, "data": []}})
    assert check() == (True, "https://seventime.test accepts the API key; the account has 12 users")
    assert api.queries() == [{"limit": "1", "page": "1"}]


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
        True, f"http://127.0.0.1:{server.port} accepts the API key; the account has 3 users",
    )  # fmt: skip
