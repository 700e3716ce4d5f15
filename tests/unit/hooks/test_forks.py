"""Hook after a fork of its process, and after pickling."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from airflow_provider_seventime.hooks.seventime import SevenTimeHook

READ_IN_FORKS = """
import os
from airflow_provider_seventime.hooks.seventime import SevenTimeHook

hook = SevenTimeHook()
ids = [record["_id"] for record in hook.list("customers")]
statistics = hook.get_conn().statistics

def read(start):
    before = statistics.requests
    wrong = 0
    for step in range(60):
        record_id = ids[(start + step) % len(ids)]
        wrong += hook.get("customers", record_id)["_id"] != record_id
    return wrong + statistics.requests - before - 60  # a request that was repeated is wrong too

children = []
for start in range(4):
    child = os.fork()
    if not child:
        wrong = 255
        try:
            wrong = read(start)
        finally:
            os._exit(wrong)
    children.append(child)
wrong = [read(4), *(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)]
print(wrong)
"""

HOLD_LOCKS = """
import gc
import os
import signal
import threading
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.per_process import PerProcess

hook = SevenTimeHook()
record_id = next(hook.list("customers", max_records=1))["_id"]
values = [one.value for one in gc.get_objects() if type(one) is PerProcess]
locks = [value for value in values if type(value) is type(threading.Lock())]
for lock in locks:
    lock.acquire()
child = os.fork()
if not child:
    signal.alarm(20)  # a child that waits for a lock ends
    os._exit(0 if hook.get("customers", record_id)["_id"] == record_id else 1)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(len(locks), status)
"""

READ_ON_IN_A_FORK = """
import os
import signal
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.hooks.seventime import SevenTimeHook

hook = SevenTimeHook()
whole = [record["_id"] for record in hook.list("timeLogs")]
records = hook.list("timeLogs")
begun = [next(records)["_id"] for _ in range(30)]
child = os.fork()
if not child:
    signal.alarm(20)  # a child that waits for a page ends
    try:
        list(records)
    except ConfigError as error:
        records.close()
        os._exit(7 if "Begin the list in the process that reads it" in str(error) else 1)
    os._exit(0)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(status, begun + [record["_id"] for record in records] == whole)
"""


def run(program):
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    ).stdout.splitlines()[-1]


def test_forked_processes_read_their_own_records(sandbox):
    assert run(READ_IN_FORKS) == "[0, 0, 0, 0, 0]"


def test_a_list_that_was_begun_before_a_fork_is_refused_in_the_child(sandbox, connect):
    connect(extra={"requests_per_second": 1000, "page_size": 10})
    assert run(READ_ON_IN_A_FORK) == "7 True"


@pytest.mark.parametrize("pacing", ["process", "machine"])
def test_a_fork_while_another_thread_holds_a_lock_does_not_block(sandbox, connect, pacing):
    connect(extra={"requests_per_second": 1000, "pacing": pacing})
    locks, status = map(int, run(HOLD_LOCKS).split())
    assert locks >= 4
    assert status == 0


def test_a_hook_is_pickled_after_its_first_use(sandbox, logs):
    hook = SevenTimeHook()
    user = sandbox.records("users")[0]
    assert hook.get("users", user["_id"]) == user
    hook.log.info("used")

    copied = pickle.loads(pickle.dumps(hook))

    assert copied.seventime_conn_id == hook.seventime_conn_id
    assert copied.get("users", user["_id"]) == user
    assert sandbox.api_key.encode() not in pickle.dumps(hook)
