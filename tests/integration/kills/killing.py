"""Tasks killed at random moments, tried again, and what was found in between."""

from __future__ import annotations

import http.client
import json
import os
import random
import select
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Protocol, Self

from airflow_provider_seventime.sandbox.server import SandboxServer

WORKER = Path(__file__).with_name("worker.py")
ANSWER_SECONDS = 180.0
SETTLE_SECONDS = 30.0
REACH = 1.1  # kills are drawn from so many times the time that an undisturbed run takes
TRIES_KILLED_TWICE = 1 / 3
MEASURE_EVERY = 10
LEAST_SHARE_WHILE_AT_WORK = 1 / 5
MOST_STRIKES_PER_KILL = 4


class Struck(Enum):
    """When a kill came."""

    BEFORE = "before the first request"
    WHILE = "while at work"
    TOO_LATE = "after the end"


class Found(Enum):
    """State after a kill."""

    NOTHING = "nothing done"
    PART = "partly done"
    ALL = "all done"


@dataclass(frozen=True)
class Ended:
    """End of a try.

    :param killed: by SIGKILL, before it had returned.
    :param seconds: from its start to its end.
    :param result: what it returned.
    :param error: the traceback of what it raised.
    """

    killed: bool
    seconds: float
    result: Any = None
    error: str | None = None


class Task(Protocol):
    """A task instance, and how to look at what it leaves behind."""

    def command(self) -> dict[str, Any]:
        """Return what the worker is to execute: operator, arguments, environment."""

    def found(self) -> Found:
        """Look at what a try left behind, and fail if it is what no try may leave."""

    def check(self, result: Any) -> None:
        """Fail unless, after the last try, all is as if none had been killed."""


class Worker:
    """A process that runs tasks in children of its own.

    :param folder: its temporary files, and its log.
    :param environment: beside this process's own.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self._log = folder.with_suffix(".log")
        self._environment = {**os.environ, "TMPDIR": str(folder), **environment}

    def __enter__(self) -> Self:
        self.folder.mkdir()
        self._answers, answers = os.pipe()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(WORKER), str(answers)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[answers],
                env=self._environment,
            )
        os.close(answers)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        try:
            self._process.wait(ANSWER_SECONDS)
        finally:
            self._process.kill()
            self._process.wait()
            os.close(self._answers)

    def run(self, command: Mapping[str, Any], try_number: int, kill_after_seconds: float | None = None) -> Ended:
        """Run a try of a task to its end, or kill it so many seconds after its start."""
        order = {**command, "kill_after_seconds": kill_after_seconds}
        order["instance"] = {**command["instance"], "try_number": try_number}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return Ended(**json.loads(self._answer()))

    def _answer(self) -> bytes:
        answer = b""
        deadline = time.monotonic() + ANSWER_SECONDS
        while not answer.endswith(b"\n"):
            ready, _, _ = select.select([self._answers], [], [], max(0.0, deadline - time.monotonic()))
            part = os.read(self._answers, 65536) if ready else b""
            assert part, f"the worker is gone or hangs: {self._log.read_text()[-4000:]}"
            answer += part
        return answer


@dataclass
class Tally:
    """Count of the kills."""

    strikes: Counter[tuple[Struck, Found]] = field(default_factory=Counter)
    killed_in_a_row: int = 0
    longest_span_seconds: float = 0.0

    @property
    def kills(self) -> int:
        """Number of tries that were killed before their end."""
        return sum(times for (struck, _), times in self.strikes.items() if struck is not Struck.TOO_LATE)

    @property
    def while_at_work(self) -> int:
        """Number of killed tries that had sent a request."""
        return sum(times for (struck, _), times in self.strikes.items() if struck is Struck.WHILE)

    def enough(self, kills: int, wanted: Collection[Found]) -> bool:
        """Tell whether there are so many kills, a fair share of them while at work, and each kind found among these."""
        return (
            self.kills >= kills
            and self.while_at_work >= self.kills * LEAST_SHARE_WHILE_AT_WORK
            and all(self.strikes[Struck.WHILE, found] for found in wanted)
        )

    def __str__(self) -> str:
        lines = [
            f"  {struck.value:26}{found.value:14}{self.strikes[struck, found]:5}"
            for struck in Struck
            for found in Found
            if self.strikes[struck, found]
        ]
        head = f"{self.kills} kills, {self.killed_in_a_row} tasks killed twice, span {self.longest_span_seconds:.3f} s"
        return "\n".join([head, *lines])


def kill_at_random(
    worker: Worker,
    sandbox: SandboxServer,
    make_task: Callable[[], Task],
    *,
    kills: int,
    wanted: Collection[Found],
    seed: int,
) -> Tally:
    """Kill tasks at moments drawn evenly from the time that one takes; try each again and check it.

    Kills go on, over a span that is measured anew, until there are enough of them.

    :param worker: to run and kill them in.
    :param sandbox: that they ask.
    :param make_task: makes the next task, and the state that it begins with.
    :param kills: how many tries are killed before their end, at least.
    :param wanted: what some of the kills while at work must have left.
    :param seed: of the dice.
    """
    dice = random.Random(seed)
    tally = Tally()
    undisturbed: list[float] = []
    for number in range(kills * MOST_STRIKES_PER_KILL):
        if number % MEASURE_EVERY == 0:
            undisturbed += [_run_undisturbed(worker, make_task()) for _ in range(1 if undisturbed else 3)]
            span_seconds = REACH * statistics.median(undisturbed[-3:])
            tally.longest_span_seconds = max(tally.longest_span_seconds, span_seconds)
        times = 2 if dice.random() < TRIES_KILLED_TWICE else 1
        _kill_and_try_again(worker, sandbox, make_task(), tally, [dice.uniform(0, span_seconds) for _ in range(times)])
        if tally.enough(kills, wanted):
            break
    assert tally.enough(kills, wanted), f"too few kills while at work to prove anything: {tally}"
    return tally


def _run_undisturbed(worker: Worker, task: Task) -> float:
    ended = worker.run(task.command(), 1)
    assert ended.error is None, ended.error
    task.check(ended.result)
    return ended.seconds


def _kill_and_try_again(worker: Worker, sandbox: SandboxServer, task: Task, tally: Tally, moments: list[float]) -> None:
    killed = 0
    for try_number, moment in enumerate(moments, 1):
        sandbox.clear_journal()
        ended = worker.run(task.command(), try_number, moment)
        assert ended.error is None, ended.error
        settle(sandbox)
        asked = bool(sandbox.journal())
        struck = (Struck.WHILE if asked else Struck.BEFORE) if ended.killed else Struck.TOO_LATE
        tally.strikes[struck, task.found()] += 1
        killed += ended.killed
    tally.killed_in_a_row += killed > 1
    last = worker.run(task.command(), len(moments) + 1)
    assert last.error is None, last.error
    assert not last.killed
    task.check(last.result)


def settle(sandbox: SandboxServer) -> None:
    """Wait until the sandbox has done what the dead had asked for: Airflow too tries again only after a while.

    Requests of the dead that lie unread in the server's sockets are read before the questions asked here.
    """
    for _ in range(2):
        connection = http.client.HTTPConnection(sandbox.host, sandbox.port, timeout=SETTLE_SECONDS)
        connection.request("GET", "/_sandbox/clock")
        connection.getresponse().read()
        connection.close()
    deadline = time.monotonic() + SETTLE_SECONDS
    while any(entry["status"] is None for entry in sandbox.journal()):
        assert time.monotonic() < deadline, "the sandbox does not come to rest"
        time.sleep(0.001)
