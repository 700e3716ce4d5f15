"""What is said about long waits, and how often."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.api.rate_limit.wait_log import LONG_WAIT_SECONDS, NEXT_LINE_SECONDS, WaitLog

BEGIN = 1000.0


def lines(report, waits, first_ticket=0, step=1):
    """Wait so often for so long, one after the other; return each line with the second it came at."""
    now, said = BEGIN, []
    for number, wait in enumerate(waits):
        report.took(first_ticket + number * step)
        line = report.waits(wait, now)
        if line:
            said.append((now - BEGIN, line))
        now += wait
    return said


def test_short_waits_are_not_worth_a_line():
    assert lines(WaitLog(), [0.25] * 119) == []


def test_many_that_become_long_are_said_once_and_then_now_and_again():
    said = lines(WaitLog(), [0.5] * 1600)
    assert [at for at, _ in said] == pytest.approx(
        [29.5, 29.5 + NEXT_LINE_SECONDS, 29.5 + 2 * NEXT_LINE_SECONDS], abs=1
    )


def test_waits_at_the_same_time_count_once():
    report = WaitLog()
    assert [report.waits(20.0, BEGIN + 0.1 * number) for number in range(8)] == [None] * 8


def test_a_wait_that_is_long_by_itself_is_said_as_it_begins():
    ((at, line),) = lines(WaitLog(), [LONG_WAIT_SECONDS + 90])
    assert at == 0
    assert line == (
        "Waiting for the budget of requests: 120 s so far for 1 requests, the next in 120.0 s; "
        "a rejection or a long queue holds everyone back"
    )


def test_what_others_used_is_the_reason():
    ((_, line),) = lines(WaitLog(), [1.0] * 30, first_ticket=700, step=4)
    assert line.endswith(
        "for 30 requests, the next in 1.0 s; others with the same key and budget made 87 requests meanwhile"
    )


def test_alone_the_limit_is_the_reason():
    ((_, line),) = lines(WaitLog(), [1.0] * 30)
    assert line.endswith("nobody else has used it meanwhile, so this is the pace that the API allows")


def test_a_pace_that_began_anew_makes_no_others():
    report = WaitLog()
    lines(report, [0.1] * 10, first_ticket=5000)
    ((_, line),) = lines(report, [1.0] * 30, first_ticket=3)
    assert "nobody else" in line
