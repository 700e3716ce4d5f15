"""State of one Seven Time account: records, clock, state file, and the lock around them."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from airflow_provider_seventime.dates import SWEDEN, calendar_date, load_zone
from airflow_provider_seventime.sandbox.company import build_company
from airflow_provider_seventime.sandbox.effects.deliveries import Deliveries
from airflow_provider_seventime.sandbox.effects.payments import pay_due_invoices
from airflow_provider_seventime.sandbox.options import SandboxOptions
from airflow_provider_seventime.sandbox.rules.context import WriteContext
from airflow_provider_seventime.sandbox.rules.registry import rules_for
from airflow_provider_seventime.sandbox.state.clock import SandboxClock, start_of
from airflow_provider_seventime.sandbox.state.read_view import ReadView
from airflow_provider_seventime.sandbox.state.state_file import StateFile
from airflow_provider_seventime.sandbox.state.store import Record, Store


class Account:
    """State of a Seven Time account. Every method may be called from any thread.

    :param options: options of the sandbox.
    """

    def __init__(self, options: SandboxOptions) -> None:
        self.zone = load_zone(SWEDEN)
        self.deliveries = Deliveries(self.now, self._end_subscription)
        self._options = options
        self._lock = threading.RLock()
        self._state_file = StateFile(options.state_file) if options.state_file else None
        saved = self._state_file.read() if self._state_file else None
        self._start_from_seed()
        if saved is not None:
            self._store = Store.from_state(saved["store"], self._clock.now)
            self._clock.restore(saved["clock"])
        if options.pay_after_seconds is not None:
            self._store.pay_after_seconds = options.pay_after_seconds
        self.save()

    def _start_from_seed(self) -> None:
        options = self._options
        start = start_of(options.today, self.zone) if options.today else datetime.now(UTC)
        self._clock = SandboxClock(start, options.monotonic)
        company = build_company(options.seed, calendar_date(start, self.zone), options.time_logs, options.irregular)
        self._store = Store(company.collections, company.series, company.ids.copy(), self._clock.now)
        self._store.pay_after_seconds = options.pay_after_seconds

    def reset(self) -> None:
        """Return to the seed: records, number series, clock, payments and deliveries."""
        with self._lock:
            self._start_from_seed()
            self.deliveries.clear()
            self.save()

    def save(self) -> None:
        """Write the state file, if the sandbox has one."""
        with self._lock:
            if self._state_file is not None:
                self._state_file.write({"store": self._store.state(), "clock": self._clock.state()})

    @contextmanager
    def transaction(self, *, changes: bool) -> Iterator[WriteContext]:
        """Lock the account for one request, after the payments that are due.

        :param changes: save the state at the end.
        """
        with self._lock:
            context = WriteContext(self._store, self._clock.now(), self.zone)
            paid = pay_due_invoices(context)
            if paid:
                self.save()
            for invoice in paid:
                self.publish(context, "invoices", ["invoice.updated"], invoice)
            yield context
            if changes:
                self.save()

    @contextmanager
    def reading(self, collection: str, view: ReadView) -> Iterator[WriteContext]:
        """Lock the account for a read of one collection.

        :param collection: name of the collection.
        :param view: the age of the records.
        """
        with self.transaction(changes=False) as context:
            if not view.lag:
                yield context
                return
            earlier = context.store.collection(collection).as_of(context.now, view.lag)
            yield replace(context, store=Store({collection: earlier}))

    def publish(self, context: WriteContext, collection: str, events: Iterable[str], record: Record) -> None:
        """Send events of a record to their subscribers.

        :param collection: name of the collection.
        """
        for event in events:
            subscriptions = context.store.collection("webhookSubscriptions")
            self.deliveries.publish(subscriptions, event, rules_for(collection).visible(record))

    def _end_subscription(self, subscription_id: str) -> None:
        with self.transaction(changes=True) as context:
            subscription = context.store.collection("webhookSubscriptions").get(subscription_id)
            if subscription is not None:
                context.store.collection("webhookSubscriptions").put({**subscription, "isActive": False})

    @property
    def pay_after_seconds(self) -> float | None:
        """Seconds from the sending of an invoice to its payment; None: invoices are not paid."""
        return self._store.pay_after_seconds

    def now(self) -> datetime:
        """Return the time on the sandbox's clock, in UTC."""
        return self._clock.now()

    @property
    def clock_frozen(self) -> bool:
        """True while the clock is stopped."""
        return self._clock.frozen

    def set_clock(
        self, instant: datetime | None = None, advance_seconds: float | None = None, frozen: bool | None = None
    ) -> None:
        """Move, stop or start the clock. None leaves the respective setting as it is."""
        with self._lock:
            if instant is not None:
                self._clock.set(instant)
            if advance_seconds is not None:
                self._clock.advance(advance_seconds)
            if frozen is not None:
                self._clock.freeze(frozen)
            self.save()
        self.deliveries.wake()
