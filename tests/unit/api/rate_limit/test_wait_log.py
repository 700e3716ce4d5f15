"""Log of waits for the rate limit: which waits are logged, and how often."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.api.rate_limit.wait_log import LOG_INTERVAL_SECONDS, LONG_WAIT_SECONDS, WaitLog

BEGIN = 1000.0


def lines(report, waits, first_ticket=0, step=1):
    """Record waits one after the other; return the logged lines, each with its second."""
    now, logged = BEGIN, []
    for number, wait in enumerate(waits):
        report.record_ticket(first_ticket + number * step)
        line = report.record_wait(wait, now)
        if line:
            logged.append((now - BEGIN, line))
        now += wait
    return logged


def test_short_waits_are_not_logged():
    assert lines(WaitLog(), [0.25] * 119) == []


def test_many_short_waits_are_logged_at_30_s_and_then_every_five_minutes():
    logged = lines(WaitLog(), [0.5] * 1600)
    assert [at for at, _ in logged] == pytest.approx(
        [29.5, 29.5 + LOG_INTERVAL_SECONDS, 29.5 + 2 * LOG_INTERVAL_SECONDS], abs=1
    )


def test_simultaneous_waits_count_once():
    report = WaitLog()
    assert [report.record_wait(20.0, BEGIN + 0.1 * number) for number in range(8)] == [None] * 8


def test_a_long_wait_is_logged_when_it_begins():
    ((at, line),) = lines(WaitLog(), [LONG_WAIT_SECONDS + 90])
    assert at == 0
    assert line == (
        "Waiting for the rate limit: 120 s so far for 1 requests, the next in 120.0 s. "
        "A 429 or a long queue delays all requests of the key"
    )


def test_the_requests_of_other_clients_are_the_reason():
    ((_, line),) = lines(WaitLog(), [1.0] * 30, first_ticket=700, step=4)
    assert line.endswith(
        "for 30 requests, the next in 1.0 s. Other clients of the same key sent 87 requests in that time"
    )


def test_without_other_clients_the_limit_is_the_reason():
    ((_, line),) = lines(WaitLog(), [1.0] * 30)
    assert line.endswith("No other client uses the key: this is the rate that the connection allows")


def test_a_reset_state_counts_no_other_clients():
    report = WaitLog()
    lines(report, [0.1] * 10, first_ticket=5000)
    ((_, line),) = lines(report, [1.0] * 30, first_ticket=3)
    assert "No other client" in line
