"""The sandbox without HTTP: Seven Time's operations and the controls, one at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from airflow_provider_seventime.contract.checking import Write, check_record
from airflow_provider_seventime.contract.resource import Operation, Resource
from airflow_provider_seventime.contract.resources import RESOURCES
from airflow_provider_seventime.dates import SWEDEN, calendar_date, load_zone
from airflow_provider_seventime.exceptions import InvalidRecordError
from airflow_provider_seventime.sandbox.clock import SandboxClock, start_of
from airflow_provider_seventime.sandbox.company import DEFAULT_API_KEY, build_company
from airflow_provider_seventime.sandbox.faults import FaultPlan
from airflow_provider_seventime.sandbox.journal import Journal
from airflow_provider_seventime.sandbox.payments import settle
from airflow_provider_seventime.sandbox.query import Page, read_query, run_query
from airflow_provider_seventime.sandbox.rate_limit import DEFAULT_LIMIT, RateLimit
from airflow_provider_seventime.sandbox.refusal import bad_request, not_found
from airflow_provider_seventime.sandbox.rules import records as rules
from airflow_provider_seventime.sandbox.rules.context import Context
from airflow_provider_seventime.sandbox.state_file import StateFile
from airflow_provider_seventime.sandbox.store import Record, Store
from airflow_provider_seventime.sandbox.values import plain_value

WRITES: Mapping[Write, Callable[[Context, Resource, Mapping[str, Any]], Record]] = {
    "create": rules.create,
    "update": rules.update,
    "delete": rules.delete,
}


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """How a sandbox is set up.

    :param seed: of the company; the same seed and day make the same one.
    :param today: the sandbox's first day, on which its clock starts at noon; None: now.
    :param api_key: the one key that is known.
    :param rate_limit: requests per second and key; 0: no limit.
    :param time_logs: number of seeded time logs, reaching back as far as it takes; None: three whole months and the
        current one.
    :param pay_after_seconds: customers pay so long after an invoice was sent; None: never.
    :param state_file: keeps the state over a restart; None: it is lost.
    :param monotonic: seconds that never go back: the ticking of the clock and the window of the rate limit.
    """

    seed: int = 7
    today: date | None = None
    api_key: str = field(default=DEFAULT_API_KEY, repr=False)
    rate_limit: int = DEFAULT_LIMIT
    time_logs: int | None = None
    pay_after_seconds: float | None = None
    state_file: Path | None = None
    monotonic: Callable[[], float] = time.monotonic


class Sandbox:
    """A Seven Time account. Every method may be called from any thread.

    :param options: how it is set up.
    """

    def __init__(self, options: SandboxOptions) -> None:
        self.options = options
        self.zone = load_zone(SWEDEN)
        self.journal = Journal()
        self.faults = FaultPlan()
        self.rate_limit = RateLimit(options.rate_limit, options.monotonic)
        self._lock = threading.RLock()
        self._state_file = StateFile(options.state_file) if options.state_file else None
        remembered = self._state_file.read() if self._state_file else None
        self._start()
        if remembered is not None:
            self._store = Store.recall(remembered["store"])
            self._clock.recall(remembered["clock"])
        if options.pay_after_seconds is not None:
            self._store.pay_after_seconds = options.pay_after_seconds
        self.remember()

    def _start(self) -> None:
        start = start_of(self.options.today, self.zone) if self.options.today else datetime.now(UTC)
        self._clock = SandboxClock(start, self.options.monotonic)
        company = build_company(self.options.seed, calendar_date(start, self.zone), self.options.time_logs)
        self._store = Store(company.collections, company.series, company.ids.copy())
        self._store.pay_after_seconds = self.options.pay_after_seconds

    @contextmanager
    def _at_work(self, *, changes: bool) -> Iterator[Context]:
        """Hold the sandbox for one piece of work; payments that are due come first, and changes are remembered."""
        with self._lock:
            context = Context(self._store, self._clock.now(), self.zone)
            if settle(context):
                self.remember()
            yield context
            if changes:
                self.remember()

    def remember(self) -> None:
        """Write the state file, where there is one."""
        with self._lock:
            if self._state_file is not None:
                self._state_file.write({"store": self._store.remember(), "clock": self._clock.remember()})

    # -- Seven Time's operations --------------------------------------------------------------------------------------

    def list(self, resource: Resource, parameters: Sequence[tuple[str, str]]) -> Page:
        """Return the page of a list.

        :param parameters: names and values of the query.
        :raises RequestRefusedError: a parameter is wrong.
        """
        _require(resource, "list")
        query = read_query(resource, parameters, self.zone)
        with self._at_work(changes=False) as context:
            collection = context.store.collection(resource.name)
            if not resource.paged:
                query = query.unpaged(len(collection))
            return run_query(collection, query)

    def get(self, resource: Resource, record_id: str) -> Record:
        """Return one record.

        :raises RequestRefusedError: there is none with that id.
        """
        _require(resource, "get")
        with self._at_work(changes=False) as context:
            return rules.find(context, resource, record_id)

    def get_single(self, resource: Resource) -> Record:
        """Return the record of a collection that has only one."""
        with self._at_work(changes=False) as context:
            return next(iter(context.store.collection(resource.name)), rules.blank_record(resource))

    def write(self, resource: Resource, write: Write, body: Any) -> Record:
        """Create, update or delete a record and return what the answer shows.

        :param body: what the request carried.
        :raises RequestRefusedError: it is refused; then nothing has changed.
        """
        _require(resource, write)
        try:
            values = plain_value(check_record(resource, write, body, self.zone))
        except InvalidRecordError as error:
            raise bad_request("; ".join(error.problems)) from error
        with self._at_work(changes=True) as context:
            return WRITES[write](context, resource, values)

    # -- Controls -----------------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Go back to the seed: records, series, clock, payments, faults and journal."""
        with self._lock:
            self._start()
            self.faults.clear()
            self.journal.clear()
            self.rate_limit.forget()
            self.remember()

    def load(self, collections: Mapping[str, Sequence[Record]]) -> dict[str, int]:
        """Put records as they are, replacing those of the same id; one without ``_id`` is given one.

        :return: number of records put, per collection.
        :raises RequestRefusedError: a collection is unknown, or a record is no object; then nothing has changed.
        """
        for name, given in collections.items():
            if name not in RESOURCES and name not in self._store.names():
                raise bad_request(f"{name}: unknown collection; there is: {', '.join(sorted(RESOURCES))}")
            if not isinstance(given, list | tuple) or not all(isinstance(record, Mapping) for record in given):
                raise bad_request(f"{name}: must be a list of records")
        with self._at_work(changes=True) as context:
            for name, given in collections.items():
                for record in given:
                    record_id = record.get("_id") or context.store.new_id(name, context.now)
                    context.store.collection(name).put({**record, "_id": record_id})
        return {name: len(given) for name, given in collections.items()}

    def counts(self) -> dict[str, int]:
        """Return the number of records per collection."""
        with self._at_work(changes=False) as context:
            return {name: len(context.store.collection(name)) for name in context.store.names()}

    def records(self, collection: str) -> Sequence[Record]:
        """Return the records of a collection, in the order of making; they are the sandbox's own and not to be changed.

        :raises RequestRefusedError: there is no such collection.
        """
        with self._at_work(changes=False) as context:
            if collection not in RESOURCES and collection not in context.store.names():
                raise not_found(f"unknown collection {collection!r}")
            return [*context.store.collection(collection)]

    def pay_after(self, seconds: float | None) -> None:
        """Let customers pay so many sandbox seconds after an invoice is sent; None: never."""
        with self._at_work(changes=True) as context:
            context.store.pay_after_seconds = seconds

    @property
    def pay_after_seconds(self) -> float | None:
        """How long after the sending customers pay; None: never."""
        return self._store.pay_after_seconds

    def now(self) -> datetime:
        """Return the sandbox's instant."""
        return self._clock.now()

    @property
    def clock_frozen(self) -> bool:
        """Whether the clock stands still."""
        return self._clock.frozen

    def set_clock(
        self, instant: datetime | None = None, advance_seconds: float | None = None, frozen: bool | None = None
    ) -> None:
        """Move or stop the clock; what is None is left as it is."""
        with self._lock:
            if instant is not None:
                self._clock.set(instant)
            if advance_seconds is not None:
                self._clock.advance(advance_seconds)
            if frozen is not None:
                self._clock.freeze(frozen)
            self.remember()


def _require(resource: Resource, operation: Operation) -> None:
    if operation not in resource.operations:
        raise not_found(f"{resource.name} has no {operation}: it has {', '.join(sorted(resource.operations))}")
