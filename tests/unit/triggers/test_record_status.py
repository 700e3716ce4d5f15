"""RecordStatusTrigger in an event loop."""

from __future__ import annotations

import asyncio
import importlib
import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_provider_seventime.triggers.record_status import RecordStatusTrigger

GET = {"method": "GET", "collection": "invoices"}


def seconds_from_now(seconds):
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


@pytest.fixture
def trigger_for(sandbox):
    def make(record_id, **arguments):
        return RecordStatusTrigger(
            **{
                "seventime_conn_id": "seventime_default",
                "resource": "invoices",
                "record_id": record_id,
                "target_statuses": [3],
                "failed_statuses": [4],
                "poll_interval_seconds": 0.01,
                "deadline": seconds_from_now(5),
                **arguments,
            }
        )

    return make


@pytest.fixture
def invoice_with(sandbox):
    return lambda status: next(one for one in sandbox.records("invoices") if one["invoiceStatus"] == status)


async def events_of(trigger):
    return [event async for event in trigger.run()]


def outcome_of(trigger):
    """Run a trigger to its end; return the payload of its only event."""
    (event,) = asyncio.run(events_of(trigger))
    assert isinstance(event, TriggerEvent)
    return event.payload


def test_it_can_be_serialized(trigger_for):
    trigger = trigger_for("5fae", longest_interval_seconds=600.0)

    path, arguments = trigger.serialize()
    module, _, name = path.rpartition(".")
    rebuilt = getattr(importlib.import_module(module), name)(**json.loads(json.dumps(arguments)))

    assert isinstance(rebuilt, BaseTrigger)
    assert rebuilt.serialize() == (path, arguments)
    assert path == "airflow_provider_seventime.triggers.record_status.RecordStatusTrigger"


def test_its_arguments_hold_no_secret(trigger_for, sandbox):
    trigger = trigger_for("5fae")

    assert sandbox.api_key not in json.dumps(trigger.serialize())
    assert sandbox.api_key not in repr(trigger)
    assert "password" not in json.dumps(trigger.serialize())


def test_it_yields_one_event_when_the_target_is_reached(trigger_for, invoice_with):
    paid = invoice_with(3)

    payload = outcome_of(trigger_for(paid["_id"]))

    facts = "number {invoiceNumber}, customer {customerNumber}, {totalAmountInclTax} SEK".format(**paid)
    assert payload == {
        "outcome": "reached",
        "message": f"invoices {paid['_id']} ({facts}) is paid",
        "record": {
            "_id": paid["_id"],
            "invoiceNumber": paid["invoiceNumber"],
            "invoiceStatus": 3,
            "status": "paid",
            "totalAmountInclTax": str(paid["totalAmountInclTax"]),
        },
    }
    assert json.loads(json.dumps(payload)) == payload


def test_a_failed_status_ends_the_wait(trigger_for, invoice_with):
    payload = outcome_of(trigger_for(invoice_with(4)["_id"]))

    assert (payload["outcome"], payload["record"]["status"]) == ("failed", "obliterated")


def test_a_deadline_in_the_past_allows_one_check(trigger_for, invoice_with, requests_made):
    payload = outcome_of(trigger_for(invoice_with(2)["_id"], deadline=seconds_from_now(-60)))

    # An invoice that was paid while the triggerer was down counts as paid.
    assert (payload["outcome"], len(requests_made())) == ("timed_out", 1)
    assert outcome_of(trigger_for(invoice_with(3)["_id"], deadline=seconds_from_now(-60)))["outcome"] == "reached"


def test_a_long_interval_does_not_outlast_the_deadline(trigger_for, invoice_with):
    started = time.monotonic()

    payload = outcome_of(trigger_for(invoice_with(2)["_id"], poll_interval_seconds=5, deadline=seconds_from_now(0.1)))

    assert payload["outcome"] == "timed_out"
    assert time.monotonic() - started < 2


def test_a_missing_record_ends_the_wait(trigger_for):
    payload = outcome_of(trigger_for("511e0a00c0ffee5eed00dead"))

    assert (payload["outcome"], payload["record"]) == ("failed", None)
    assert "returned 404" in payload["message"]


def test_a_refused_key_ends_the_wait(trigger_for, connect):
    connect(password="of-another-account")

    assert outcome_of(trigger_for("5fae"))["outcome"] == "failed"


def test_an_invalid_connection_ends_the_wait(trigger_for, connect, requests_made):
    connect(extra={"page_size": 0})

    payload = outcome_of(trigger_for("5fae"))

    assert payload["outcome"] == "failed"
    assert "connection 'seventime_default'" in payload["message"]
    assert requests_made() == []


def test_a_transient_error_is_logged_and_not_retried_within_a_check(
    sandbox, trigger_for, invoice_with, requests_made, clock, logs
):
    paid = invoice_with(3)["_id"]
    sandbox.set_faults([{**GET, "kind": "status", "status": 503, "message": "Underhåll", "times": 2}])

    assert outcome_of(trigger_for(paid))["outcome"] == "reached"
    assert requests_made() == [f"GET /api/2/invoices/{paid}"] * 3
    assert logs.times("returned 503: Underhåll") == 2
    assert all(seconds < 0.5 for seconds in clock.slept)  # the spacing of the rate limit, without a backoff


async def ticks_until(done, gaps):
    """Tick every 5 ms until an event is set, and note how long each tick took."""
    while not done.is_set():
        before = time.monotonic()
        await asyncio.sleep(0.005)
        gaps.append(time.monotonic() - before)


async def run_beside_a_heartbeat(triggers):
    done, gaps = asyncio.Event(), []
    heartbeat = asyncio.create_task(ticks_until(done, gaps))
    results = await asyncio.gather(*(events_of(trigger) for trigger in triggers))
    done.set()
    await heartbeat
    return [event.payload["outcome"] for (event,) in results], gaps


def test_a_slow_response_does_not_block_the_event_loop(sandbox, trigger_for, invoice_with):
    paid = invoice_with(3)["_id"]
    sandbox.set_faults([{**GET, "kind": "delay", "seconds": 0.6, "times": 2}])

    outcomes, gaps = asyncio.run(run_beside_a_heartbeat([trigger_for(paid), trigger_for(paid)]))

    assert outcomes == ["reached", "reached"]
    assert max(gaps) < 0.5
    assert len(gaps) > 20
    first, second = (entry["monotonic_seconds"] for entry in sandbox.journal())
    assert second - first < 0.5  # the second request was sent before the first response


def wait_for_a_request(sandbox):
    while not sandbox.journal():
        time.sleep(0.01)


def test_a_cancelled_trigger_stops(sandbox, trigger_for, invoice_with):
    async def cancelled():
        waiting = asyncio.create_task(events_of(trigger_for(invoice_with(2)["_id"], poll_interval_seconds=60)))
        await asyncio.to_thread(wait_for_a_request, sandbox)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(cancelled())
