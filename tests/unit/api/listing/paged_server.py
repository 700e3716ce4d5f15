"""Server of one list that answers several requests at a time, each when the test lets it."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from airflow_provider_seventime.api.rate_limit.clock import Clock

PATIENCE_SECONDS = 20


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one piece
    server: PagedApi

    def do_GET(self) -> None:
        page = re.search(r"[?&]page=(\d+)", self.path)
        record_id = self.path.rpartition("/")[2]
        status, content = self.server.page(int(page[1])) if page else (200, {"data": {"_id": record_id}})
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class PagedApi(ThreadingHTTPServer):
    """A list of one record a page, made years ago, whose first page and last take their time; and its first record.

    :param clock: the client's.
    :param pages: how many there are.
    :param latency_seconds: how long the first page and the last take by that clock.
    """

    def __init__(self, clock: Clock, pages: int, latency_seconds: float) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.ids = [f"5fa2f3de9d8c4a{number:010x}" for number in range(pages)]
        self.asked: list[int] = []
        self.fails: dict[int, int] = {}
        self.hold: dict[int, threading.Event] = {}
        self._clock = clock
        self._latency_seconds = latency_seconds
        self._changed = threading.Condition()

    def page(self, number: int) -> tuple[int, Any]:
        """Return the status and the content of a page: of one in ``fails`` a 500 for so many times."""
        with self._changed:
            self.asked.append(number)
            self._changed.notify_all()
            self.fails[number] = self.fails.get(number, 0) - 1
            failed = self.fails[number] >= 0
        if number in {1, len(self.ids)}:
            self._clock.sleep(self._latency_seconds)
        if number in self.hold:
            self.hold[number].wait(2 * PATIENCE_SECONDS)
        content = {"meta": {"totalResources": len(self.ids)}, "data": [{"_id": self.ids[number - 1]}]}
        return (500, {}) if failed else (200, content)

    def wait_for(self, *numbers: int) -> None:
        """Return when just these have been asked for."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.asked) >= len(numbers), PATIENCE_SECONDS)
            assert sorted(self.asked) == sorted(numbers)


@contextmanager
def served(clock: Clock, pages: int, latency_seconds: float) -> Iterator[PagedApi]:
    """Serve a list during the block; all clients must have closed their connections before it ends."""
    with PagedApi(clock, pages, latency_seconds) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(PATIENCE_SECONDS)
