"""Invoices created while a third of all requests fail: none twice, none missing, each task returns its own.

``make test ARGS="tests/integration/storm -s"`` prints the requests per invoice; ``SEVENTIME_STORM_INVOICES`` and
``SEVENTIME_STORM_SEED`` make another storm.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from airflow_provider_seventime.exceptions import SevenTimeError
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.operators.invoices import CreateInvoiceOperator
from airflow_provider_seventime.operators.records import SevenTimeCreateOperator
from airflow_provider_seventime.testing import TEST_EXTRA, running_sandbox
from tests.integration.storm.weather import IMPATIENCE, HastyClock, storm
from tests.sizes import STORM_INVOICES, STORM_SEED
from tests.unit.conftest import TaskInstance
from tests.unit.operators.state_store import StateStore

FIRST_DAY = date(2026, 1, 1)
DAYS = 180
BATCH = 50
TRIES = 10
RETRY_DELAY_SECONDS = 60


@dataclass
class Run:
    """A DAG run whose id cannot come again."""

    run_after: datetime = datetime(2026, 10, 1, 10, 0, tzinfo=UTC)
    start_date: datetime = datetime(2026, 10, 1, 10, 0, 1, tzinfo=UTC)
    run_id: str = "manual__2026-10-01T10:00:00+00:00"
    run_type: str = "manual"


@dataclass
class Company:
    """An account, and the invoices that tasks made in it."""

    server: Any
    clock: HastyClock
    customers: list[str]
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    tries: Counter[int] = field(default_factory=Counter)

    def invoice(self, number: int) -> dict[str, Any]:
        return {
            "customer": self.customers[number % len(self.customers)],
            "language": "SV",
            "invoiceDate": (FIRST_DAY + timedelta(days=number % DAYS)).isoformat(),
            "marking": f"nr {number}",
            "invoiceItems": [
                {"itemType": "general", "name": "Arbete", "numberOfItems": "1", "unitPrice": str(number + 1)}
            ],
        }

    def retried(self, operator: Any, instance: dict[str, Any], store: StateStore | None) -> Any:
        """Execute as Airflow does: again after a passing failure, not after a permanent one."""
        for number in range(1, TRIES + 1):
            context: dict[str, Any] = {"ti": TaskInstance(**instance, try_number=number)}
            if store is not None:
                context |= {"task_state_store": store, "dag_run": Run()}
            try:
                result = operator.execute(context)
            except SevenTimeError as error:
                if not error.transient or number == TRIES:
                    raise
                self.clock.sleep(RETRY_DELAY_SECONDS)
            else:
                self.tries[number] += 1
                return result
        raise AssertionError("not reached")

    def one_by_one(self, numbers: range, *, memory: bool) -> None:
        for number in numbers:
            operator = CreateInvoiceOperator(task_id="invoice", invoice=self.invoice(number))
            store = StateStore() if memory else None
            self.results[f"nr {number}"] = self.retried(operator, {"map_index": number}, store)

    def in_batches(self, numbers: range) -> None:
        for first in numbers[::BATCH]:
            batch = range(first, min(first + BATCH, numbers.stop))
            records = [self.invoice(number) for number in batch]
            operator = SevenTimeCreateOperator(task_id="invoices", resource="invoices", records=records)
            outcomes = self.retried(operator, {"task_id": "invoices", "map_index": first}, StateStore())
            self.results |= {f"nr {number}": outcome for number, outcome in zip(batch, outcomes, strict=True)}


@pytest.fixture
def company(request, monkeypatch):
    """A company whose connection has the timeouts of a storm where a test asks for them."""
    extra = {**TEST_EXTRA, **getattr(request, "param", {})}
    with running_sandbox(extra=extra, today=date(2026, 10, 1)) as server:
        server.freeze()
        clock = HastyClock(server)
        monkeypatch.setattr(SevenTimeHook, "clock", clock)
        yield Company(server, clock, [one["_id"] for one in server.records("customers")])


@pytest.fixture
def show(capsys):
    def shown(*lines):
        with capsys.disabled():
            sys.stdout.write("\n" + "\n".join(lines) + "\n")

    return shown


def sent_in(company: Company) -> Counter[str]:
    """Return how many requests were struck by which fault since the journal was last cleared; ``none``: were not."""
    counted = Counter(entry["fault"] or "none" for entry in company.server.journal())
    company.server.clear_journal()
    return counted


PARTS = {
    "one by one": lambda company, numbers: company.one_by_one(numbers, memory=False),
    "one by one, with Airflow 3.3's memory": lambda company, numbers: company.one_by_one(numbers, memory=True),
    f"{BATCH} at a time": lambda company, numbers: company.in_batches(numbers),
}


@pytest.mark.parametrize("company", [IMPATIENCE], indirect=True, ids=["impatient"])
def test_every_invoice_once_in_a_storm(company, show):
    before = {record["_id"] for record in company.server.records("invoices")}
    share = max(1, STORM_INVOICES // len(PARTS))
    company.server.set_faults(storm(STORM_SEED))
    company.server.clear_journal()
    requests = 0
    lines = [f"{'':<40} {'made':>5} {'each':>6} {'struck':>7}"]
    for part, (name, run) in enumerate(PARTS.items()):
        numbers = range(part * share, STORM_INVOICES if part == len(PARTS) - 1 else (part + 1) * share)
        run(company, numbers)
        seen = sent_in(company)
        struck = seen.total() - seen["none"]
        per_invoice = seen.total() / len(numbers)
        requests += seen.total()
        lines.append(f"{name:<40} {len(numbers):>5} {per_invoice:>6.2f} {struck / seen.total():>7.0%}")
    company.server.clear_faults()

    made = [record for record in company.server.records("invoices") if record["_id"] not in before]
    markings = Counter(record["marking"] for record in made)
    assert markings == Counter(f"nr {number}" for number in range(STORM_INVOICES))
    owners = {record["_id"]: record["marking"] for record in made}
    assert {owners[result["_id"]]: 1 for result in company.results.values()} == dict(markings)
    assert all(owners[result["_id"]] == marking for marking, result in company.results.items())
    lines.append(f"{'requests per invoice on average':<40} {STORM_INVOICES:>5} {requests / STORM_INVOICES:>6.2f}")
    lines.append("tries of a task: " + ", ".join(f"{tries}: {n}" for tries, n in sorted(company.tries.items())))
    show(*lines)
    assert requests / STORM_INVOICES <= 3


@pytest.mark.parametrize("name", PARTS)
def test_in_calm_an_invoice_takes_two_requests_at_most(company, name, show):
    company.server.clear_journal()
    PARTS[name](company, range(100))
    per_invoice = sent_in(company).total() / 100
    assert len(company.results) == 100
    assert per_invoice <= 2
    show(f"{name + ', in calm':<40} {100:>5} {per_invoice:>6.2f}")
