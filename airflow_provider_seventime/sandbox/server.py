"""Running sandbox: the HTTP server in a thread, and the controls as methods."""

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
from airflow_provider_seventime.sandbox.state.journal import JournalEntry
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
    lenient: bool
    irregular: bool
    monotonic: Callable[[], float]


class SandboxServer:
    """Sandbox that runs while the context is open.

    ::

        with SandboxServer(today=date(2026, 10, 1)) as sandbox:
            requests.get(f"{sandbox.base_url}/api/2/customers", headers=...)

    :param host: address to listen on.
    :param port: port to listen on; 0: any free port.
    :param ssl_certfile: certificate chain (PEM) for TLS; None: plain HTTP.
    :param ssl_keyfile: private key (PEM); None: ``ssl_certfile`` contains it.
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
        """The key that the sandbox accepts."""
        return self.options.api_key

    @property
    def base_url(self) -> str:
        """Scheme, host and port, for the host of an Airflow connection."""
        scheme = "https" if self._ssl_certfile else "http"
        return f"{scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox behind the server.

        :raises ConfigError: the server is not running.
        """
        if self._sandbox is None:
            raise ConfigError(
                "the sandbox is not running. Use it as a context manager: with SandboxServer() as sandbox"
            )
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
                raise ConfigError("the sandbox did not start. The logger uvicorn.error has the reason.")
            time.sleep(START_POLL_SECONDS)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
        if self._sandbox is not None:
            self._sandbox.close()

    # -- The controls -------------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Return to the seed: records, number series, clock, payments, deliveries, faults and journal.

        An outage ends.
        """
        self.sandbox.reset()
        self._end_outage()

    def set_faults(self, faults: Sequence[Mapping[str, Any]]) -> None:
        """Replace the faults.

        :param faults: dicts with the fields of :class:`~airflow_provider_seventime.sandbox.faults.faults.Fault`.
        :raises ValueError: a field is invalid; the message says which.
        """
        self.sandbox.faults.set([fault_from(dict(fault)) for fault in faults])

    def clear_faults(self) -> None:
        """Remove every fault. End an outage."""
        self.sandbox.faults.clear()
        self._end_outage()

    def _end_outage(self) -> None:
        if self._server is not None:
            self._server.end_outage()

    def journal(self) -> list[JournalEntry]:
        """Return the last 10,000 requests since the start or the last reset, oldest first."""
        return self.sandbox.journal.entries()

    def clear_journal(self) -> None:
        """Remove every request from the journal."""
        self.sandbox.journal.clear()

    def deliveries(self) -> list[DeliveryEntry]:
        """Return the last 1,000 webhook deliveries, oldest first."""
        return self.sandbox.account.deliveries.entries()

    def document(self, document_id: str) -> bytes:
        """Return the content of an uploaded document.

        :raises RequestRefusedError: no document has that id.
        """
        return self.sandbox.document(document_id)[1]

    def pay_after(self, seconds: float | None) -> None:
        """Pay invoices so many seconds after they are sent, on the sandbox's clock; None: invoices are not paid."""
        self.sandbox.pay_after(seconds)

    def now(self) -> datetime:
        """Return the time on the sandbox's clock, in UTC."""
        return self.sandbox.account.now()

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock forward, or back if ``seconds`` is negative."""
        self.sandbox.account.set_clock(advance_seconds=seconds)

    def set_clock(self, instant: datetime) -> None:
        """Move the sandbox's clock to an instant with a time zone."""
        self.sandbox.account.set_clock(instant)

    def freeze(self, frozen: bool = True) -> None:
        """Stop the sandbox's clock, or start it again."""
        self.sandbox.account.set_clock(frozen=frozen)

    def load(self, collections: Mapping[str, Sequence[Record]]) -> dict[str, int]:
        """Store records without any check, and return their number per collection.

        A record replaces the one of the same id.

        :raises RequestRefusedError: a collection is unknown, or a record is no object; nothing has changed.
        """
        return self.sandbox.load(collections)

    def records(self, collection: str) -> list[Record]:
        """Return copies of a collection's records, in the order of creation.

        :raises RequestRefusedError: the collection is unknown.
        """
        copies: list[Record] = exact_json.decode(exact_json.encode(self.sandbox.records(collection)))
        return copies
