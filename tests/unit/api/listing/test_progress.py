"""Progress lines of a long read, and how often they are due."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.api.listing.progress import Progress, seconds_left


def lines(clock, seconds_a_page, pages, total):
    """Read so many pages of 500 rows; return each line with the second at which it was due."""
    begin = clock.now
    progress = Progress("timeLogs", 500, clock.monotonic)
    due = []
    for page in range(1, pages + 1):
        clock.now = begin + page * seconds_a_page
        line = progress.add_page(500, total)
        if line:
            due.append((clock.now - begin, line))
    return due


def test_a_short_read_has_no_line(clock):
    assert lines(clock, 0.25, 40, 20_000) == []


def test_a_long_read_has_a_line_every_half_minute(clock):
    assert lines(clock, 0.25, 400, 200_000) == [
        (10.0, "timeLogs: 20 000 rows, page 40 of 400, about 90 s left"),
        (40.0, "timeLogs: 80 000 rows, page 160 of 400, about 60 s left"),
        (70.0, "timeLogs: 140 000 rows, page 280 of 400, about 30 s left"),
    ]


def test_slow_pages_have_one_line_each_at_most(clock):
    assert [at for at, _ in lines(clock, 40.0, 4, 2_500)] == [40.0, 80.0, 120.0, 160.0]


@pytest.mark.parametrize(("pages", "total"), [(1, 500), (1, 1), (3, 1_000)], ids=["one", "part of one", "shrunk"])
def test_the_last_page_has_no_line(clock, pages, total):
    assert lines(clock, 3.4, pages, total) == []
    assert lines(clock, 40.0, pages, total)[pages - 1 :] == []


@pytest.mark.parametrize(
    ("elapsed", "done", "in_all", "left"), [(10.0, 40, 400, 90.0), (10.0, 5, 5, 0.0), (10.0, 6, 5, 0.0)]
)
def test_the_time_left_follows_the_speed_so_far(elapsed, done, in_all, left):
    assert seconds_left(elapsed, done, in_all) == left
