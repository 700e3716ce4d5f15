"""Long lists through the hook: concurrent pages, and records as JSON."""

from __future__ import annotations

import re
import threading

import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.exceptions import ServerError
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.testing import TEST_EXTRA

PAGE_SIZE = 25
PATIENCE_SECONDS = 20


@pytest.fixture
def slow_answers(sandbox, monkeypatch):
    """Delay every response, and let the client use the machine's clock."""
    monkeypatch.setattr(SevenTimeHook, "clock", None)
    sandbox.set_faults([{"kind": "delay", "seconds": 0.02, "times": None}])


@pytest.fixture
def hook(sandbox, connect):
    connect(extra={**TEST_EXTRA, "page_size": PAGE_SIZE})
    return SevenTimeHook()


def page_threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("seventime-page-")]


def page_threads_end():
    """Wait until no thread fetches a page any more."""
    for thread in page_threads():
        thread.join(PATIENCE_SECONDS)
    return page_threads() == []


def test_a_long_list_is_complete_and_ordered_with_one_request_per_page(hook, sandbox, requests_made):
    records = list(hook.list("timeLogs"))
    assert records == sorted(sandbox.records("timeLogs"), key=lambda record: record["_id"])
    assert len(requests_made()) == -(-len(records) // PAGE_SIZE)
    assert page_threads_end()


def test_slow_pages_are_requested_concurrently(slow_answers, hook, sandbox):
    records = hook.list("timeLogs")
    assert max(len(page_threads()) for _ in zip(range(5 * PAGE_SIZE), records, strict=False)) > 1
    assert len(list(records)) == len(sandbox.records("timeLogs")) - 5 * PAGE_SIZE


def test_a_reader_that_stops_early_leaves_nothing_running(slow_answers, hook, sandbox):
    records = hook.list("timeLogs")
    for _ in range(5 * PAGE_SIZE):
        next(records)
    records.close()
    assert page_threads_end()
    seen = len(sandbox.journal())
    assert len(list(hook.list("timeLogs", max_records=1))) == 1
    assert len(sandbox.journal()) == seen + 1


def test_a_long_read_logs_its_progress(hook, sandbox, clock, logs):
    logs.caplog.set_level("INFO")
    for number, _ in enumerate(hook.list("timeLogs")):
        if number % PAGE_SIZE == 0:
            clock.sleep(4)
    pages = -(-len(sandbox.records("timeLogs")) // PAGE_SIZE)
    line = r"GET /api/2/timeLogs: (\d[\d ]*) rows, page (\d+) of (\d+), about (\d+) s left"
    lines = max((re.findall(line, text) for text in logs.texts), key=len)  # some versions print what they log as well
    assert [int(of) for _, _, of, _ in lines] == [pages] * len(lines)
    assert [int(page) for _, page, *_ in lines] == sorted(int(page) for _, page, *_ in lines)
    assert int(lines[-1][-1]) < int(lines[0][-1])
    assert 2 < len(lines) < pages / 4


def test_an_error_on_one_page_ends_the_read_and_the_rest(hook, sandbox):
    records = hook.list("timeLogs")
    next(records)
    sandbox.set_faults([{"kind": "status", "status": 500, "times": None}])
    with pytest.raises(ServerError):
        list(records)
    assert page_threads_end()


def test_a_failed_page_is_retried_alone(hook, sandbox):
    wanted = sorted(record["_id"] for record in sandbox.records("timeLogs"))
    sandbox.set_faults([{"kind": "status", "status": 500, "times": None, "probability": 0.1, "seed": 5}])
    assert [record["_id"] for record in hook.list("timeLogs")] == wanted
    struck = sum(1 for entry in sandbox.journal() if entry["fault"])
    assert struck > 0
    assert len(sandbox.journal()) == -(-len(wanted) // PAGE_SIZE) + struck


@pytest.mark.parametrize("collection", ["timeLogs", "timeCategories"], ids=["with pages", "without pages"])
def test_list_json_yields_the_same_records(hook, collection):
    lines = list(hook.list_json(collection))
    assert [exact_json.decode(line) for line in lines] == list(hook.list(collection))
    assert not any(b"\n" in line for line in lines)


def test_list_json_takes_filters_and_a_limit(hook, sandbox):
    user = sandbox.records("users")[2]["_id"]
    lines = list(hook.list_json("timeLogs", {"user": user}, max_records=3))
    assert [exact_json.decode(line)["user"] for line in lines] == [user] * 3
