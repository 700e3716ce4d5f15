"""Base URL of a connection: hosts, schemes and ports."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.api.settings import read_base_url


@pytest.mark.parametrize(
    ("host", "port", "base_url"),
    [
        ("app.seventime.se", None, "https://app.seventime.se"),
        ("https://app.seventime.se", None, "https://app.seventime.se"),
        ("https://app.seventime.se/", None, "https://app.seventime.se"),
        ("HTTPS://App.SevenTime.SE", None, "https://app.seventime.se"),
        ("app.seventime.se:8443", None, "https://app.seventime.se:8443"),
        ("app.seventime.se", 8443, "https://app.seventime.se:8443"),
        ("app.seventime.se:8443", 8443, "https://app.seventime.se:8443"),
        (" app.seventime.se ", None, "https://app.seventime.se"),
        ("localhost:8077", None, "http://localhost:8077"),
        ("localhost", 8077, "http://localhost:8077"),
        ("127.0.0.1:8077", None, "http://127.0.0.1:8077"),
        ("http://127.0.0.1:8077", None, "http://127.0.0.1:8077"),
        ("https://127.0.0.1:8077", None, "https://127.0.0.1:8077"),
        ("http://127.255.0.9", 1, "http://127.255.0.9:1"),
        ("[::1]:8077", None, "http://[::1]:8077"),
        ("https://[2001:db8::1]", 65535, "https://[2001:db8::1]:65535"),
        ("::1", 8077, "http://[::1]:8077"),
        ("2001:db8::1", None, "https://[2001:db8::1]"),
        ("10.0.0.5", None, "https://10.0.0.5"),
    ],
    ids=str,
)
def test_an_address_is_parsed(host, port, base_url):
    assert read_base_url(host, port) == base_url


@pytest.mark.parametrize(
    ("host", "port", "said"),
    [
        ("", None, "'' is not an address. Write one like 'https://app.seventime.se'"),
        ("https://", None, "'https://' is not an address"),
        ("app seventime se", None, "'app seventime se' is not an address"),
        ("https://[::1", None, "'https://[::1' is not an address (Invalid IPv6 URL)"),
        ("https://app.seventime.se/api/2", None, "has more than scheme, host and port. Remove '/api/2'"),
        ("App.SevenTime.se/api/2", None, "has more than scheme, host and port. Remove '/api/2'"),
        ("https://app.seventime.se?key=1", None, "has more than scheme, host and port. Remove '?key=1'"),
        ("https://app.seventime.se#top", None, "has more than scheme, host and port. Remove '#top'"),
        ("http:/app.seventime.se", None, "has more than scheme, host and port"),
        ("ftp://app.seventime.se", None, "the scheme 'ftp' is neither https nor http"),
        ("redis://localhost", None, "the scheme 'redis' is neither https nor http"),
        ("http://app.seventime.se", None,
         "plain http to 'app.seventime.se' would send the API key unencrypted over the network. Use https"),
        ("http://10.0.0.5:8077", None, "plain http to '10.0.0.5' would send"),
        ("http://localhost.evil.example", None, "plain http to 'localhost.evil.example' would send"),
        ("http://127.0.0.1.evil.example", None, "plain http to '127.0.0.1.evil.example' would send"),
        ("http://0.0.0.0", None, "plain http to '0.0.0.0' would send"),
        ("app.seventime.se:eighty", None, "'app.seventime.se:eighty' is not an address (Port could not be cast"),
        ("app.seventime.se:99999", None, "'app.seventime.se:99999' is not an address (Port out of range"),
        ("app.seventime.se:0", None, "the port 0 is not a number from 1 to 65535"),
        ("app.seventime.se", 0, "the port 0 is not a number from 1 to 65535"),
        ("app.seventime.se", -1, "the port -1 is not a number from 1 to 65535"),
        ("app.seventime.se", 65536, "the port 65536 is not a number from 1 to 65535"),
        ("app.seventime.se:8443", 8444, "names port 8443, and the field port 8444. Set one of them"),
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_address_is_refused(host, port, said):
    with pytest.raises(ValueError, match=r".") as caught:
        read_base_url(host, port)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "host",
    [
        "https://user:pass-word@app.seventime.se",
        "https://user:pass-word@app.seventime.se/api/2",
        "https://pass-word@app.seventime.se",
        "user:pass-word@app.seventime.se:99999",
        "https://user:pass-word@app.seventime.se:x",
        "https://user:pass-word@",
        "user:pass-word@app.seventime.se",
        "http://user:pass-word@127.0.0.1",
    ],
)
def test_a_password_in_the_address_is_refused_and_not_shown(host):
    with pytest.raises(ValueError, match=r".") as caught:
        read_base_url(host)
    assert "pass-word" not in str(caught.value)
