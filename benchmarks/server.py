"""Server of the benchmarks: a list of time logs, as Seven Time returns it, creates, and counts of the requests.

It runs as a process on loopback. It stops when its standard input ends, and after ``LIFETIME_SECONDS`` at the latest.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from email.utils import formatdate
from functools import partial
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from airflow_provider_seventime.sandbox.rate_limit import RateLimit
from benchmarks.records import TimeLogPages

LIST_PATH = "/api/2/timeLogs"
CREATE_PATH = "/api/2/invoices"
CONDITIONS_PATH = "/_bench/conditions"
COUNTS_PATH = "/_bench/counts"
LIFETIME_SECONDS = 3600.0
MAX_HEAD_BYTES = 16_384
MAX_PAGE_SIZE = 500
MAX_REQUESTS = 100_000  # under the same conditions; a candidate that sends more has an error


@dataclass(frozen=True, slots=True)
class Conditions:
    """Behaviour of the server.

    :param records: number of records in the list.
    :param requests_per_second: rate limit per key, in a sliding window of one second; 0: no limit.
    :param latency_seconds: latency of every response.
    :param jitter_seconds: maximum of two random latencies: before a request arrives, and before its response leaves.
    :param failing_every: every n-th request within the limit fails with status 500; 0: none fails.
    """

    records: int = 0
    requests_per_second: int = 0
    latency_seconds: float = 0.0
    jitter_seconds: float = 0.0
    failing_every: int = 0


@dataclass(slots=True)
class Counts:
    """Counts of the requests since the conditions were set."""

    requests: int = 0
    rejections: int = 0
    failures: int = 0


class Bench:
    """State of the server."""

    def __init__(self) -> None:
        self.pages = TimeLogPages()
        self.set(Conditions())

    def set(self, conditions: Conditions) -> None:
        """Set the conditions, and reset counts, rate limit and jitter."""
        self.conditions = conditions
        self.counts = Counts()
        self.limit = RateLimit(conditions.requests_per_second, time.monotonic)
        self._random = random.Random(4)  # noqa: S311 - jitter, not a secret

    def jitter(self) -> float:
        """Return a random latency of the network in seconds."""
        return self._random.uniform(0.0, self.conditions.jitter_seconds)

    def respond(self, query: str, key: str) -> tuple[int, bytes]:
        """Count a request for a page, and return status and body of the response."""
        return self._refusal(key) or self._page(query)

    def create(self, body: bytes, key: str) -> tuple[int, bytes]:
        """Count a create, and return status and body of the response: the record with an id."""
        record = {"_id": f"{self.counts.requests:024x}", **json.loads(body)}
        return self._refusal(key) or (200, json.dumps(record).encode())

    def _refusal(self, key: str) -> tuple[int, bytes] | None:
        """Count a request, and return status and body of its refusal; None: it is not refused."""
        counts = self.counts
        counts.requests += 1
        if not key:
            return 401, _error("The key is missing")
        if counts.requests > MAX_REQUESTS:
            return 503, _error("More requests than a benchmark needs")
        if not self.limit.admit(key):
            counts.rejections += 1
            return 429, _error("Too many requests")
        every = self.conditions.failing_every
        if every and (counts.requests - counts.rejections) % every == 0:
            counts.failures += 1
            return 500, _error("Internal server error")
        return None

    def _page(self, query: str) -> tuple[int, bytes]:
        given = {name: values[-1] for name, values in parse_qs(query).items()}
        if (given.get("sortBy"), given.get("sortDirection")) != ("_id", "ascending"):
            return 400, _error("Pages must be sorted by _id, ascending")
        size = min(int(given.get("limit", "100")), MAX_PAGE_SIZE)
        return 200, self.pages.page(int(given.get("page", "1")), size, self.conditions.records)

    def control(self, method: str, path: str, query: str) -> tuple[int, bytes]:
        """Return status and body of the response to a control."""
        if (method, path) == ("PUT", CONDITIONS_PATH):
            self.set(Conditions(**json.loads(parse_qs(query)["conditions"][-1])))
            return 200, b"{}"
        if (method, path) == ("GET", COUNTS_PATH):
            return 200, json.dumps(asdict(self.counts)).encode()
        return 404, _error("No such path")


class Connection(asyncio.Protocol):
    """HTTP/1.1 connection with keep-alive, for GET and PUT requests without a body, and POST requests with one."""

    def __init__(self, bench: Bench, loop: asyncio.AbstractEventLoop) -> None:
        self._bench = bench
        self._loop = loop
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the transport."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Process the requests that are complete."""
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, rest = self._received.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            length = int(headers.get("content-length", "0"))
            if len(rest) < length:
                break
            self._received = rest[length:]
            self._process(first, headers, rest[:length])
        if len(self._received) > MAX_HEAD_BYTES:
            self._transport.abort()

    def _process(self, first: str, headers: Mapping[str, str], body: bytes) -> None:
        method, target, _version = first.split(" ")
        parts = urlsplit(target)
        key = headers.get("client-secret", "")
        if (method, parts.path) == ("GET", LIST_PATH):
            self._loop.call_later(self._bench.jitter(), self._arrive, partial(self._bench.respond, parts.query, key))
        elif (method, parts.path) == ("POST", CREATE_PATH):
            self._loop.call_later(self._bench.jitter(), self._arrive, partial(self._bench.create, body, key))
        else:
            self._send(*self._bench.control(method, parts.path, parts.query))

    def _arrive(self, respond: Callable[[], tuple[int, bytes]]) -> None:
        response = respond()
        self._loop.call_later(self._bench.conditions.latency_seconds + self._bench.jitter(), self._send, *response)

    def _send(self, status: int, body: bytes) -> None:
        if self._transport.is_closing():
            return
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nDate: {formatdate(usegmt=True)}\r\n"
            f"Content-Type: application/json; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._transport.write(head.encode() + body)


def _error(text: str) -> bytes:
    return json.dumps({"error": text}).encode()


async def serve() -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    bench = Bench()
    server = await loop.create_server(lambda: Connection(bench, loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(ended), sys.stdin)
    try:
        async with asyncio.timeout(LIFETIME_SECONDS):
            await ended.read()
    except TimeoutError:
        print(f"The server of the benchmarks stops after {LIFETIME_SECONDS:.0f} seconds.", file=sys.stderr)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
