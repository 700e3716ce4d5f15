"""Rate limit of a machine, shared by real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from airflow_provider_seventime.api.rate_limit.clock import SystemClock
from airflow_provider_seventime.api.rate_limit.private_folder import PrivateFolder
from airflow_provider_seventime.api.rate_limit.rate import RateLimiter
from airflow_provider_seventime.api.rate_limit.stores import MachineRateStore

INTERVAL = 0.01

DEPART = """
import sys, time
from pathlib import Path
from airflow_provider_seventime.api.rate_limit.clock import SystemClock
from airflow_provider_seventime.api.rate_limit.private_folder import PrivateFolder
from airflow_provider_seventime.api.rate_limit.stores import MachineRateStore
from airflow_provider_seventime.api.rate_limit.rate import RateLimiter
clock = SystemClock()
path = Path(sys.argv[1])
store = MachineRateStore(PrivateFolder(path.parent, "the rate limit"), path.name, clock)
rate_limiter = RateLimiter(store, float(sys.argv[2]), clock)
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(sys.argv[3])):
    rate_limiter.acquire()
    print(time.monotonic(), flush=True)
"""

HOLD = """
import fcntl, sys, time
file = open(sys.argv[1], "r+b")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(60)
"""

# A lock does not exclude threads and forked processes that share an open file.
FORKED = """
import os, sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from airflow_provider_seventime.api.rate_limit.clock import SystemClock
from airflow_provider_seventime.api.rate_limit.private_folder import PrivateFolder
from airflow_provider_seventime.api.rate_limit.stores import MachineRateStore
from airflow_provider_seventime.api.rate_limit.rate import RateLimiter
clock = SystemClock()
path = Path(sys.argv[1])
store = MachineRateStore(PrivateFolder(path.parent, "the rate limit"), path.name, clock)
rate_limiter = RateLimiter(store, float(sys.argv[2]), clock)
rate_limiter.acquire()
print("ready", flush=True)
sys.stdin.readline()
child = os.fork()
with ThreadPoolExecutor(4) as threads:
    for time_left in threads.map(lambda _: (rate_limiter.acquire(), time.monotonic())[1], range(20)):
        os.write(1, f"{time_left}\\n".encode())
if child:
    os.waitpid(child, 0)
os._exit(0)
"""


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline().strip() in ("ready", "held")
    return process


def go(process: subprocess.Popen[str]) -> None:
    process.stdin.write("go\n")
    process.stdin.flush()


def store_at(path):
    return MachineRateStore(PrivateFolder(path.parent, "the rate limit"), path.name, SystemClock())


def rate_limiter_at(path, interval_seconds=INTERVAL):
    return RateLimiter(store_at(path), interval_seconds, SystemClock())


@pytest.fixture
def path(tmp_path):
    rate_limiter_at(tmp_path / "state").acquire()
    return tmp_path / "state"


def test_two_processes_take_turns(path):
    processes = [start(DEPART, path, INTERVAL, 30) for _ in range(2)]
    for process in processes:
        go(process)
    per_process = [[float(line) for line in process.communicate(timeout=20)[0].split()] for process in processes]
    times = sorted(time for left in per_process for time in left)
    assert len(times) == 60
    # n turns take n - 1 intervals; the first request may have left a little late.
    assert times[-1] - times[0] >= 57 * INTERVAL


def test_threads_of_forked_processes_take_turns(path):
    process = start(FORKED, path, INTERVAL)
    times = sorted(map(float, process.communicate("go\n", timeout=20)[0].split()))
    assert len(times) == 40
    assert times[-1] - times[0] >= 37 * INTERVAL


def test_a_killed_process_frees_the_lock(path):
    holder = start(HOLD, path)
    waiting = start(DEPART, path, INTERVAL, 1)
    go(waiting)
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(0.1)
    killed_at = time.monotonic()
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate(timeout=5)
    (left_at,) = waiting.communicate(timeout=5)[0].split()
    assert float(left_at) >= killed_at
    assert waiting.returncode == 0


def test_the_turn_of_a_process_killed_while_it_waits_lapses(path):
    interval_seconds = 10.0
    store = store_at(path)
    rate_limiter_at(path, interval_seconds).acquire()
    waiting = start(DEPART, path, interval_seconds, 1)
    before = path.read_bytes()
    go(waiting)
    while path.read_bytes() == before:
        time.sleep(0.005)
    os.kill(waiting.pid, signal.SIGKILL)
    assert waiting.communicate(timeout=5)[0] == ""
    # Its turn stays unused, and the next request has its own.
    next_in_seconds = store.update(lambda state, now: (state.take_ticket(now, interval_seconds)[1], state))
    assert 0 < next_in_seconds < 2.5 * interval_seconds


def test_a_429_in_one_process_pauses_the_other(path):
    other = start(DEPART, path, INTERVAL, 1)
    rate_limiter_at(path).slow_down(0.3)
    begin = time.monotonic()
    (left_at,) = other.communicate("go\n", timeout=5)[0].split()
    assert float(left_at) - begin >= 0.25
