"""Messages of the Test button."""

from __future__ import annotations

import socket

import pytest
import trustme

from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.sandbox.server import SandboxServer
from airflow_provider_seventime.testing import TEST_EXTRA


def verdict():
    return SevenTimeHook().test_connection()


@pytest.fixture
def closed_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]  # bound and not listening: connections are refused


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def authority_file(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture(scope="module")
def tls_sandbox(authority, tmp_path_factory):
    """A sandbox whose certificate is for ``localhost``, and not for the address it stands for."""
    folder = tmp_path_factory.mktemp("tls")
    issued = authority.issue_cert("localhost")
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    with SandboxServer(rate_limit=0, ssl_certfile=folder / "cert.pem", ssl_keyfile=folder / "key.pem") as server:
        yield server


def test_it_works(sandbox, requests_made):
    users = len(sandbox.records("users"))

    assert verdict() == (
        True,
        f"{sandbox.base_url} accepts the API key; the account has {users} users. The acting user exists and is active",
    )
    assert requests_made() == ["GET /api/2/users", f"GET /api/2/users/{sandbox.acting_user_id}"]


def test_without_an_acting_user_the_message_says_how_to_find_one(sandbox, connect, requests_made):
    connect(login=None)

    works, said = verdict()

    assert works
    assert "No acting user: " in said
    assert "`airflow seventime users` lists the ids" in said
    assert requests_made() == ["GET /api/2/users"]


def test_an_acting_user_of_another_account(sandbox, connect):
    connect(login="511e0a00c0ffee5eed0000ff")

    works, said = verdict()

    assert not works
    assert "The login of the connection is not the id of a user of this account" in said


def test_a_wrong_key(sandbox, connect):
    connect(password="of-another-account")

    works, said = verdict()

    assert not works
    assert said.startswith(f"{sandbox.base_url} does not accept the API key.")
    assert "of-another-account" not in said


def test_a_key_without_permission(sandbox):
    sandbox.set_faults([{"kind": "status", "status": 403, "message": "Modulen ingår inte"}])

    works, said = verdict()

    assert not works
    assert "accepts the API key, which may not read users" in said
    assert "Modulen ingår inte" in said


def test_no_response(sandbox, connect, closed_port):
    connect(host=f"http://127.0.0.1:{closed_port}")

    works, said = verdict()

    assert not works
    assert said.startswith("The API key was not tested, because the fault is with the host")
    assert f"127.0.0.1:{closed_port} refuses connections" in said


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"kind": "html"}, id="web-page"),
        pytest.param({"kind": "redirect"}, id="redirect"),
        pytest.param({"kind": "status", "status": 404}, id="not-found"),
    ],
)
def test_another_service(sandbox, fault):
    sandbox.set_faults([fault])

    works, said = verdict()

    assert not works
    assert said.startswith(f"{sandbox.base_url} responds, but not as the API of Seven Time.")


@pytest.mark.parametrize("status", [429, 503])
def test_a_transient_error_is_not_retried(sandbox, clock, requests_made, status):
    sandbox.set_faults([{"kind": "status", "status": status, "times": None}])

    works, said = verdict()

    assert not works
    assert f"returned {status}" in said
    assert len(requests_made()) == 1
    assert clock.slept == []


def test_a_malformed_connection(sandbox, connect, requests_made):
    connect(extra={"page_size": 0})

    works, said = verdict()

    assert not works
    assert said.startswith("the Seven Time connection is invalid, correct these parts:")
    assert "page_size: 0 is not a whole number from 1 to 500" in said
    assert requests_made() == []


def test_tls_with_a_private_authority(tls_sandbox, connect, clock, authority_file):
    connect(host=f"https://localhost:{tls_sandbox.port}", extra={**TEST_EXTRA, "ca_bundle": authority_file})

    works, said = verdict()

    assert works, said


@pytest.mark.parametrize(
    ("name", "trusted", "said"),
    [
        pytest.param("localhost", False, "unable to get local issuer certificate", id="unknown-authority"),
        pytest.param("127.0.0.1", True, "IP address mismatch", id="certificate-of-another-name"),
    ],
)
def test_a_tls_failure(tls_sandbox, connect, clock, authority_file, name, trusted, said):
    extra = {**TEST_EXTRA, "ca_bundle": authority_file} if trusted else TEST_EXTRA
    tls_sandbox.clear_journal()
    connect(host=f"https://{name}:{tls_sandbox.port}", extra=extra)

    works, text = verdict()

    assert not works
    assert text.startswith("The API key was not tested, because the fault is with TLS")
    assert said in text
    assert tls_sandbox.journal() == []


def test_tls_to_a_server_without_tls(sandbox, connect):
    connect(host=sandbox.base_url.replace("http://", "https://"))

    works, said = verdict()

    assert not works
    assert said.startswith("The API key was not tested, because the fault is with TLS")
