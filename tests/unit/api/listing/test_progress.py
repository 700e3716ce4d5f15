"""What a long read says about itself, and how often."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.api.listing.progress import Progress, progress_line, seconds_left


def lines(clock, seconds_a_page, pages, in_all):
    """Read so many pages of 500 rows; return each line with the second it came at."""
    begin = clock.now
    progress = Progress("timeLogs", clock.monotonic)
    said = []
    for page in range(1, pages + 1):
        clock.now = begin + page * seconds_a_page
        line = progress.note(page, in_all, page * 500)
        if line:
            said.append((clock.now - begin, line))
    return said


def test_a_short_read_says_nothing(clock):
    assert lines(clock, 0.25, 40, 40) == []


def test_a_long_one_says_how_far_it_is(clock):
    said = lines(clock, 0.25, 400, 400)
    assert said == [
        (10.0, "timeLogs: 20 000 rows, page 40 of 400, about 90 s left"),
        (40.0, "timeLogs: 80 000 rows, page 160 of 400, about 60 s left"),
        (70.0, "timeLogs: 140 000 rows, page 280 of 400, about 30 s left"),
    ]


def test_slow_pages_say_it_once_each_at_most(clock):
    assert [at for at, _ in lines(clock, 40.0, 4, 5)] == [40.0, 80.0, 120.0, 160.0]


def test_the_last_page_says_nothing(clock):
    assert lines(clock, 40.0, 1, 1) == []


def test_without_a_total_it_says_what_it_has(clock):
    assert lines(clock, 12.0, 1, None) == [(12.0, "timeLogs: 500 rows, page 1")]


def test_a_total_that_shrank_leaves_nothing(clock):
    assert lines(clock, 12.0, 3, 2) == [(12.0, "timeLogs: 500 rows, page 1 of 2, about 12 s left")]


@pytest.mark.parametrize(
    ("elapsed", "done", "in_all", "left"),
    [(10.0, 40, 400, 90.0), (10.0, 0, 400, None), (10.0, 5, None, None), (10.0, 5, 5, 0.0), (10.0, 6, 5, 0.0)],
)
def test_what_is_left_goes_by_the_pace_so_far(elapsed, done, in_all, left):
    assert seconds_left(elapsed, done, in_all) == left


def test_before_the_first_page_nothing_is_foretold():
    assert progress_line("invoices", 0, 0, 12, None) == "invoices: 0 rows, page 0 of 12"
