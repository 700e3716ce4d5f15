"""The sandbox without HTTP: Seven Time's operations and the controls, one at a time."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from airflow_provider_seventime.contract.checking import check_record
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import CollectionSpec, Operation, Write
from airflow_provider_seventime.dates import SWEDEN, calendar_date, load_zone
from airflow_provider_seventime.exceptions import InvalidRecordError
from airflow_provider_seventime.sandbox.company import build_company
from airflow_provider_seventime.sandbox.effects.deliveries import Deliveries
from airflow_provider_seventime.sandbox.effects.payments import settle
from airflow_provider_seventime.sandbox.faults.faults import FaultPlan
from airflow_provider_seventime.sandbox.limits import refuse_large_numbers, refusing_what_is_out_of_range
from airflow_provider_seventime.sandbox.options import SandboxOptions
from airflow_provider_seventime.sandbox.rate_limit import RateLimit
from airflow_provider_seventime.sandbox.refusal import bad_request, not_found
from airflow_provider_seventime.sandbox.rules import documents, timers
from airflow_provider_seventime.sandbox.rules import records as rules
from airflow_provider_seventime.sandbox.rules.collections import rules_for
from airflow_provider_seventime.sandbox.rules.context import Context
from airflow_provider_seventime.sandbox.rules.webhooks import events_of
from airflow_provider_seventime.sandbox.state.analytics import analyse
from airflow_provider_seventime.sandbox.state.clock import SandboxClock, start_of
from airflow_provider_seventime.sandbox.state.journal import Journal
from airflow_provider_seventime.sandbox.state.query import Page, read_query, run_query
from airflow_provider_seventime.sandbox.state.read_view import AS_IT_IS, Reading
from airflow_provider_seventime.sandbox.state.state_file import StateFile
from airflow_provider_seventime.sandbox.state.store import Record, Store
from airflow_provider_seventime.sandbox.state.values import plain_value

Work = Callable[[Context, CollectionSpec, Mapping[str, Any]], Record]
WRITES: Mapping[Write, Work] = {"create": rules.create, "update": rules.update, "delete": rules.delete}
# What a POST does that makes more, or something else, than a record of its collection.
ACTIONS: Mapping[str, Work] = {
    "startTimer": timers.start,
    "stopTimer": timers.stop,
    "documents": documents.upload,
}


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
        self.deliveries = Deliveries(self.now, self._end_subscription)
        self._lock = threading.RLock()
        self._state_file = StateFile(options.state_file) if options.state_file else None
        remembered = self._state_file.read() if self._state_file else None
        self._start()
        if remembered is not None:
            self._store = Store.recall(remembered["store"], self._clock.now)
            self._clock.recall(remembered["clock"])
        if options.pay_after_seconds is not None:
            self._store.pay_after_seconds = options.pay_after_seconds
        self.remember()

    def _start(self) -> None:
        start = start_of(self.options.today, self.zone) if self.options.today else datetime.now(UTC)
        self._clock = SandboxClock(start, self.options.monotonic)
        company = build_company(self.options.seed, calendar_date(start, self.zone), self.options.time_logs)
        self._store = Store(company.collections, company.series, company.ids.copy(), self._clock.now)
        self._store.pay_after_seconds = self.options.pay_after_seconds

    @contextmanager
    def _at_work(self, *, changes: bool) -> Iterator[Context]:
        """Hold the sandbox for one piece of work; payments that are due come first, and changes are remembered."""
        with self._lock:
            context = Context(self._store, self._clock.now(), self.zone)
            paid = settle(context)
            if paid:
                self.remember()
            for invoice in paid:
                self._tell(context, "invoices", ["invoice.updated"], invoice)
            yield context
            if changes:
                self.remember()

    @contextmanager
    def _reading(self, collection: str, reading: Reading) -> Iterator[Context]:
        """Hold the sandbox for a read of one collection, as the read sees it."""
        with self._at_work(changes=False) as context:
            if not reading.lag:
                yield context
                return
            as_it_was = context.store.collection(collection).as_of(context.now, reading.lag)
            yield replace(context, store=Store({collection: as_it_was}))

    def remember(self) -> None:
        """Write the state file, where there is one."""
        with self._lock:
            if self._state_file is not None:
                self._state_file.write({"store": self._store.remember(), "clock": self._clock.remember()})

    # -- Seven Time's operations --------------------------------------------------------------------------------------

    def list(
        self, resource: CollectionSpec, parameters: Sequence[tuple[str, str]], reading: Reading = AS_IT_IS
    ) -> Page:
        """Return the page of a list.

        :param parameters: names and values of the query.
        :param reading: how the records are seen.
        :raises RequestRefusedError: a parameter is wrong.
        """
        _require(resource, "list")
        defaults = rules_for(resource.name).filter_defaults
        given = dict.fromkeys(name for name, _ in parameters)
        filled = [*parameters, *((name, value) for name, value in defaults.items() if name not in given)]
        with refusing_what_is_out_of_range():
            query = read_query(resource, filled, self.zone)
        with self._reading(resource.name, reading) as context:
            collection = context.store.collection(resource.name)
            if not resource.paged:
                query = query.unpaged(len(collection))
            page = run_query(collection, query, reading)
            return replace(page, records=[_shown(resource.name, record) for record in page.records])

    def get(self, resource: CollectionSpec, record_id: str, reading: Reading = AS_IT_IS) -> Record:
        """Return one record.

        :param reading: how the records are seen.
        :raises RequestRefusedError: there is none with that id.
        """
        _require(resource, "get")
        with self._reading(resource.name, reading) as context:
            return _shown(resource.name, rules.find(context, resource, record_id))

    def get_single(self, resource: CollectionSpec, reading: Reading = AS_IT_IS) -> Record:
        """Return the record of a collection that has only one.

        :param reading: how the records are seen.
        """
        with self._reading(resource.name, reading) as context:
            return next(iter(context.store.collection(resource.name)), rules.blank_record(resource))

    def write(self, resource: CollectionSpec, write: Write, body: Any) -> Record:
        """Create, update or delete a record and return what the answer shows.

        :param body: what the request carried.
        :raises RequestRefusedError: it is refused; then nothing has changed.
        """
        values = self._checked(resource, write, body)
        work = ACTIONS.get(resource.name, WRITES[write])
        name = resource.created_resource or resource.name
        with self._at_work(changes=True) as context, refusing_what_is_out_of_range():
            before = context.store.collection(name).get(values.get("_id", ""))
            after = work(context, resource, values)
            self._tell(context, name, events_of(name, write, before, after), after)
            return _shown(name, after, just_made=write == "create")

    def analyse(self, resource: CollectionSpec, body: Any) -> dict[str, Any]:
        """Return what a collection's records come to.

        :param body: the question.
        :raises RequestRefusedError: it is wrong.
        """
        query = self._checked(resource, "analyse", body)
        with self._at_work(changes=False) as context, refusing_what_is_out_of_range():
            return analyse(resource, context.store.collection(resource.name), query, self.zone)

    def _checked(self, resource: CollectionSpec, write: Write, body: Any) -> Any:
        _require(resource, write)
        try:
            values = check_record(resource, write, body, self.zone)
        except InvalidRecordError as error:
            raise bad_request("; ".join(error.problems)) from error
        refuse_large_numbers(values)
        return plain_value(values)

    def _tell(self, context: Context, collection: str, events: Iterable[str], record: Record) -> None:
        """Put events of a record on their way to who subscribed to them."""
        for event in events:
            subscriptions = context.store.collection("webhookSubscriptions")
            self.deliveries.publish(subscriptions, event, _shown(collection, record))

    def _end_subscription(self, subscription_id: str) -> None:
        with self._at_work(changes=True) as context:
            subscription = context.store.collection("webhookSubscriptions").get(subscription_id)
            if subscription is not None:
                context.store.collection("webhookSubscriptions").put({**subscription, "isActive": False})

    # -- Controls -----------------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Go back to the seed: records, series, clock, payments, faults and journal."""
        with self._lock:
            self._start()
            self.faults.clear()
            self.journal.clear()
            self.rate_limit.forget()
            self.deliveries.forget()
            self.remember()

    def load(self, collections: Mapping[str, Sequence[Record]]) -> dict[str, int]:
        """Put records as they are, replacing those of the same id; one without ``_id`` is given one.

        :return: number of records put, per collection.
        :raises RequestRefusedError: a collection is unknown, or a record is no object; then nothing has changed.
        """
        id_fields = {name: COLLECTIONS[name].id_field if name in COLLECTIONS else "_id" for name in collections}
        for name, given in collections.items():
            if name not in COLLECTIONS and name not in self._store.names():
                raise bad_request(f"{name}: unknown collection; there is: {', '.join(sorted(COLLECTIONS))}")
            if not isinstance(given, list | tuple) or not all(isinstance(record, Mapping) for record in given):
                raise bad_request(f"{name}: must be a list of records")
        with self._at_work(changes=True) as context:
            for name, given in collections.items():
                for record in given:
                    id_field = id_fields[name]
                    record_id = record.get(id_field) or context.store.new_id(name, context.now)
                    context.store.collection(name).put({**record, id_field: record_id})
        return {name: len(given) for name, given in collections.items()}

    def counts(self) -> dict[str, int]:
        """Return the number of records per collection."""
        with self._at_work(changes=False) as context:
            return {name: len(context.store.collection(name)) for name in context.store.names()}

    def records(self, collection: str) -> Sequence[Record]:
        """Return the records of a collection as answers show them, in the order of making; they are the sandbox's own.

        :raises RequestRefusedError: there is no such collection.
        """
        with self._at_work(changes=False) as context:
            if collection not in COLLECTIONS and collection not in context.store.names():
                raise not_found(f"unknown collection {collection!r}")
            return [_shown(collection, record) for record in context.store.collection(collection)]

    def document(self, document_id: str) -> tuple[str, bytes]:
        """Return content type and content of an uploaded document.

        :raises RequestRefusedError: there is none with that id.
        """
        with self._at_work(changes=False) as context:
            held = rules.find(context, COLLECTIONS["documents"], document_id)
            return held["contentType"], base64.b64decode(held["fileContent"])

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
        self.deliveries.look_again()

    def close(self) -> None:
        """End what runs beside the requests."""
        self.deliveries.close()


def _shown(collection: str, record: Record, *, just_made: bool = False) -> Record:
    return rules_for(collection).shown(record, just_made=just_made)


def _require(resource: CollectionSpec, operation: Operation) -> None:
    if operation not in resource.operations:
        raise not_found(f"{resource.name} has no {operation}: it has {', '.join(sorted(resource.operations))}")
