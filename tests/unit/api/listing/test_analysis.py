"""An analysis that names pages without end is stopped."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.api.listing.analysis import MAX_EMPTY_PAGES, MAX_PAGES, AnalysisPages
from airflow_provider_seventime.exceptions import ProtocolError

WHERE = "POST /api/2/analytics/timeLogs"


@pytest.mark.parametrize("again", [2, "2"], ids=repr)
def test_a_page_that_was_named_before(again):
    pages = AnalysisPages(WHERE)
    pages.add(2, 1)
    pages.add(3, 1)
    with pytest.raises(ProtocolError, match=f"^{WHERE} names page 2 as the next one again, so"):
        pages.add(again, 1)


def test_new_pages_without_end():
    pages = AnalysisPages(WHERE)
    for number in range(2, MAX_PAGES + 1):
        pages.add(number, 1)
    with pytest.raises(ProtocolError, match=r"another page after 10000, .*\nRequest more rows a page with limit"):
        pages.add(MAX_PAGES + 1, 1)


def test_pages_without_rows_in_a_row():
    pages = AnalysisPages(WHERE)
    for number, rows in enumerate([0, 0, 1, 0, 0], 2):
        pages.add(number, rows)
    with pytest.raises(ProtocolError, match=f"another page after {MAX_EMPTY_PAGES} without rows"):
        pages.add(99, 0)
