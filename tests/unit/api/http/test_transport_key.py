"""The key in logs, errors, pickles and reprs of the transport."""

from __future__ import annotations

import http.client
import logging
import pickle
import signal
import time
import traceback

import pytest
import requests

from airflow_provider_seventime.api.http.responses import decode_response
from airflow_provider_seventime.api.http.transport import Request, Transport
from airflow_provider_seventime.api.rate_limit.clock import StopFlag
from airflow_provider_seventime.exceptions import SevenTimeError

# With characters that URLs, JSON and HTML write in other ways.
KEY = 's3cr3t/Of+"Seven"=Time&co'
REQUEST = Request("GET", "/api/2/users", {"limit": "1"})
ECHOES = {
    "status line": f"{KEY}\r\n\r\n".encode(),
    "reason": f"HTTP/1.1 302 {KEY}\r\nLocation: /\r\n\r\n".encode(),
    "header that is none": f"HTTP/1.1 302 Found\r\nLocation: /\r\n{KEY}\r\nX: 1\r\n\r\n".encode(),
    "first header that is none": f"HTTP/1.1 302 Found\r\n {KEY}: 1\r\nLocation: /\r\n\r\n".encode(),
    "location": f"HTTP/1.1 302 Found\r\nLocation: {KEY}\r\n\r\n".encode(),
    "length": f"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: {KEY}\r\n\r\n".encode(),
    "lengths": f"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\nX: {KEY}\r\n\r\n".encode(),
    "size of a chunk": f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{KEY}\r\n".encode(),
    "cookie": f"HTTP/1.1 302 Found\r\nLocation: /\r\nSet-Cookie: {KEY}={KEY}; Path={KEY}\r\n\r\n".encode(),
    "type": f"HTTP/1.1 200 OK\r\nContent-Type: {KEY}\r\nContent-Length: 1\r\n\r\n<".encode(),
}


@pytest.fixture
def transport_to(make_settings):
    return lambda port: Transport(make_settings(f"127.0.0.1:{port}", password=KEY, read_timeout_seconds=2), StopFlag())


def ask(transport: Transport):
    """Send a request and decode its response, as the client does."""
    answer = transport.send(REQUEST)
    return decode_response(
        "GET", "/api/2/users", status=answer.status, headers=answer.headers, body=answer.body, secrets=[KEY]
    )


def everything_about(error: BaseException) -> str:
    texts = traceback.format_exception(error)
    while error is not None:
        texts += [str(error), repr(error), repr(error.args), repr(vars(error))]
        error = error.__cause__ or error.__context__
    return "\n".join(texts)


@pytest.mark.parametrize("place", ECHOES)
def test_a_key_repeated_in_the_head_is_shown_nowhere(transport_to, serve_response, caplog, capfd, place):
    transport = transport_to(serve_response(ECHOES[place]).port)
    with caplog.at_level(logging.DEBUG), pytest.raises(SevenTimeError) as caught:
        ask(transport)
    assert "Of+" not in everything_about(caught.value)
    assert "Of+" not in caplog.text
    assert "Of+" not in "".join(capfd.readouterr())
    assert len(str(caught.value)) < 600


def test_the_logs_of_the_http_libraries_do_not_show_it(transport_to, serve_response, http_response, caplog):
    server = serve_response(http_response(b"{}"))
    with caplog.at_level(logging.DEBUG):
        ask(transport_to(server.port))
    assert [record for record in caplog.records if record.name.startswith("urllib3")]
    assert "Of+" not in caplog.text


def test_the_debug_output_of_http_client_does_not_show_it(
    transport_to, serve_response, http_response, monkeypatch, capfd
):
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    server = serve_response(http_response(b"{}"))
    requests.get(f"http://127.0.0.1:{server.port}/other", headers={"X-Of": "switched on"}, timeout=2)
    assert "switched on" in capfd.readouterr().out
    ask(transport_to(server.port))
    assert KEY in server.heads[-1].decode()
    assert capfd.readouterr() == ("", "")


def test_the_request_is_removed_from_the_librarys_error(transport_to, wire):
    with pytest.raises(SevenTimeError) as caught:
        ask(transport_to(wire(lambda connection: None).port))
    cause = caught.value.__cause__
    assert isinstance(cause, requests.RequestException)
    assert cause.request is None
    assert cause.response is None


@pytest.mark.parametrize("place", ECHOES)
def test_a_pickled_error_does_not_hold_it(transport_to, serve_response, place):
    with pytest.raises(SevenTimeError) as caught:
        ask(transport_to(serve_response(ECHOES[place]).port))
    assert b"Of+" not in pickle.dumps(caught.value)


def test_no_object_shows_it(transport_to, serve_response, http_response):
    transport = transport_to(serve_response(http_response(f'"{KEY}"'.encode(), "200 OK", f"X-Echo: {KEY}")).port)
    answer = transport.send(REQUEST)
    shown = (transport, vars(transport), transport._session().auth, answer, REQUEST)
    assert KEY.encode() in answer.body
    assert "Of+" not in repr(shown)


class Interruption(BaseException):
    """Raised by a signal handler, as Airflow's timeout of a task is."""


def test_an_interrupted_request_leaves_it_in_no_variable(transport_to, wire):
    def interrupt(*_):
        raise Interruption("the task took too long")

    transport = transport_to(wire(lambda connection: time.sleep(2)).port)
    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(Interruption) as caught:
            ask(transport)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)

    inner = [frame.frame for frame in caught.traceback if "airflow_provider_seventime" not in str(frame.path)]
    variables = "\n".join(repr(value) for frame in inner for value in frame.f_locals.values() if value is not ask)
    assert len(inner) > 5
    assert "Of+" not in variables
