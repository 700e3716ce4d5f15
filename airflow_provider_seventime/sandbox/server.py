"""A running sandbox: uvicorn in a thread, and the controls as methods."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypedDict, Unpack

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.sandbox.company import ACTING_USER_ID
from airflow_provider_seventime.sandbox.effects.deliveries import DeliveryEntry
from airflow_provider_seventime.sandbox.engine import Sandbox
from airflow_provider_seventime.sandbox.faults.faults import fault_from
from airflow_provider_seventime.sandbox.http.http_server import HttpServer, bind
from airflow_provider_seventime.sandbox.options import SandboxOptions
from airflow_provider_seventime.sandbox.state.journal import Entry
from airflow_provider_seventime.sandbox.state.store import Record

START_TIMEOUT_SECONDS = 10.0
START_POLL_SECONDS = 0.002


class OptionArguments(TypedDict, total=False):
    """The fields of :class:`~airflow_provider_seventime.sandbox.options.SandboxOptions` as keyword arguments."""

    seed: int
    today: date | None
    api_key: str
    rate_limit: int
    time_logs: int | None
    pay_after_seconds: float | None
    state_file: Path | None
    monotonic: Callable[[], float]


class SandboxServer:
    """A sandbox that listens while the context lasts.

    ::

        with SandboxServer(today=date(2026, 10, 1)) as sandbox:
            requests.get(f"{sandbox.base_url}/api/2/customers", headers=...)

    :param host: address to listen on.
    :param port: 0: a free one.
    :param ssl_certfile: certificate chain (PEM) to speak TLS with; None: plain HTTP.
    :param ssl_keyfile: its private key; None: it stands in ``ssl_certfile``.
    :param options: the fields of :class:`~airflow_provider_seventime.sandbox.options.SandboxOptions`.
    """

    acting_user_id = ACTING_USER_ID

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        ssl_certfile: str | Path | None = None,
        ssl_keyfile: str | Path | None = None,
        **options: Unpack[OptionArguments],
    ) -> None:
        self.host = host
        self.port = port
        self.options = SandboxOptions(**options)
        self._ssl_certfile = ssl_certfile
        self._ssl_keyfile = ssl_keyfile
        self._sandbox: Sandbox | None = None
        self._server: HttpServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def api_key(self) -> str:
        """The key that the sandbox knows."""
        return self.options.api_key

    @property
    def base_url(self) -> str:
        """Scheme, host and port, as the connection's host takes them."""
        scheme = "https" if self._ssl_certfile else "http"
        return f"{scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox behind the server.

        :raises ConfigError: the server is not running.
        """
        if self._sandbox is None:
            raise ConfigError("the sandbox is not running: use it as a context manager")
        return self._sandbox

    def __enter__(self) -> Self:
        self._sandbox = Sandbox(self.options)
        listener = bind(self.host, self.port)
        self.port = listener.getsockname()[1]
        self._server = HttpServer(self._sandbox, self.host, self.port, self._ssl_certfile, self._ssl_keyfile)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name=f"seventime-sandbox-{self.port}", daemon=True
        )
        self._thread.start()
        self._await_start(listener)
        return self

    def _await_start(self, listener: socket.socket) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while self._server is not None and not self._server.started:
            alive = self._thread is not None and self._thread.is_alive()
            if not alive or time.monotonic() > deadline:
                listener.close()
                raise ConfigError("the sandbox did not start; the log of uvicorn.error says why")
            time.sleep(START_POLL_SECONDS)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox.remember()

    # -- The controls -------------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Go back to the seed: records, series, clock, payments, faults and journal. An outage ends."""
        self.sandbox.reset()
        self._end_outage()

    def set_faults(self, faults: Sequence[Mapping[str, Any]]) -> None:
        """Put faults on order, in place of those that were.

        :param faults: descriptions with the fields of :class:`~airflow_provider_seventime.sandbox.faults.faults.Fault`.
        :raises ValueError: a description is wrong.
        """
        self.sandbox.faults.order([fault_from(dict(fault)) for fault in faults])

    def clear_faults(self) -> None:
        """Take every fault off the order. An outage ends."""
        self.sandbox.faults.clear()
        self._end_outage()

    def _end_outage(self) -> None:
        if self._server is not None:
            self._server.end_outage()

    def journal(self) -> list[Entry]:
        """Return the requests seen since the start or the last reset, oldest first."""
        return self.sandbox.journal.entries()

    def clear_journal(self) -> None:
        """Forget the requests seen."""
        self.sandbox.journal.clear()

    def deliveries(self) -> list[DeliveryEntry]:
        """Return the last webhook deliveries, oldest first."""
        return self.sandbox.deliveries.entries()

    def document(self, document_id: str) -> bytes:
        """Return the content of an uploaded document.

        :raises RequestRefusedError: there is none with that id.
        """
        return self.sandbox.document(document_id)[1]

    def pay_after(self, seconds: float | None) -> None:
        """Let customers pay so many sandbox seconds after an invoice is sent; None: never."""
        self.sandbox.pay_after(seconds)

    def now(self) -> datetime:
        """Return the sandbox's instant, in UTC."""
        return self.sandbox.now()

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock forward."""
        self.sandbox.set_clock(advance_seconds=seconds)

    def set_clock(self, instant: datetime) -> None:
        """Move the sandbox's clock to an instant (aware)."""
        self.sandbox.set_clock(instant)

    def freeze(self, frozen: bool = True) -> None:
        """Stop the sandbox's clock, or let it tick again."""
        self.sandbox.set_clock(frozen=frozen)

    def load(self, collections: Mapping[str, Sequence[Record]]) -> dict[str, int]:
        """Put records as they are, replacing those of the same id, and return how many per collection."""
        return self.sandbox.load(collections)

    def records(self, collection: str) -> list[Record]:
        """Return a copy of every record of a collection, in the order of making."""
        copies: list[Record] = exact_json.decode(exact_json.encode(self.sandbox.records(collection)))
        return copies
