"""The machine's budget between real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from airflow_provider_seventime.api.clock import SystemClock
from airflow_provider_seventime.api.pacing import MachineBudget

INTERVAL = 0.01

DEPART = """
import sys, time
from pathlib import Path
from airflow_provider_seventime.api.clock import SystemClock
from airflow_provider_seventime.api.pacing import MachineBudget
budget = MachineBudget(Path(sys.argv[1]), float(sys.argv[2]), SystemClock())
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(sys.argv[3])):
    budget.acquire()
    print(time.monotonic(), flush=True)
"""

HOLD = """
import fcntl, sys, time
file = open(sys.argv[1], "r+b")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(60)
"""


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline().strip() in ("ready", "held")
    return process


@pytest.fixture
def path(tmp_path):
    MachineBudget(tmp_path / "budget", INTERVAL, SystemClock()).acquire()
    return tmp_path / "budget"


def test_two_processes_share_it(path):
    processes = [start(DEPART, path, INTERVAL, 30) for _ in range(2)]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    times = sorted(float(line) for process in processes for line in process.communicate(timeout=20)[0].split())
    assert len(times) == 60
    # A sleep may end late and never early: n slots take at least n - 1 intervals, whoever had them.
    assert times[-1] - times[0] >= 58 * INTERVAL


def test_a_killed_holder_frees_it(path):
    holder = start(HOLD, path)
    waiting = start(DEPART, path, INTERVAL, 1)
    waiting.stdin.write("go\n")
    waiting.stdin.flush()
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(0.1)
    killed_at = time.monotonic()
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate(timeout=5)
    (left_at,) = waiting.communicate(timeout=5)[0].split()
    assert float(left_at) >= killed_at
    assert waiting.returncode == 0


def test_a_rejection_in_one_process_pauses_the_other(path):
    other = start(DEPART, path, INTERVAL, 1)
    MachineBudget(path, INTERVAL, SystemClock()).slow_down(0.3)
    begin = time.monotonic()
    (left_at,) = other.communicate("go\n", timeout=5)[0].split()
    assert float(left_at) - begin >= 0.25
