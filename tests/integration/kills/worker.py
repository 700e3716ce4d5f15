"""A worker that runs each task in a child of its own and kills it on request: started as a script by ``killing.py``.

Commands come on standard input and answers go out on the file descriptor named as argument, one line of JSON each.
Airflow and the operators are imported once; a child is forked for each command, so that a kill costs little and strikes
the task's own work. The worker runs no sandbox and no thread: what a thread holds at a fork stays held in the child.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from airflow.providers.common.compat.sdk import BaseHook

from airflow_provider_seventime.hooks.seventime import SevenTimeHook

LONGEST_RUN_SECONDS = 120.0
SPEED = 200.0
SLICES = 25
THREADS = Path("/proc/self/task")


class ImpatientClock:
    """The machine's clock, many times as fast: leases of killed tasks and waits end soon."""

    def monotonic(self) -> float:
        return time.monotonic() * SPEED

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / SPEED)


def serve(answers: int) -> None:
    """Answer commands until there are no more.

    :param answers: file descriptor to write the answers to.
    """
    for line in sys.stdin:
        answer = run_in_a_child(json.loads(line))
        for module in answer.pop("imported", ()):
            importlib.import_module(module)
        os.write(answers, json.dumps(answer).encode() + b"\n")


def run_in_a_child(command: dict[str, Any]) -> dict[str, Any]:
    """Run a task, kill it if it takes longer than it may, and tell how it ended and after how many seconds."""
    if threading.active_count() > 1 or (THREADS.exists() and len(list(THREADS.iterdir())) > 1):
        raise RuntimeError(f"a worker with threads must not fork: {threading.enumerate()}")
    reading, writing = os.pipe()
    gc.freeze()
    started = time.monotonic()
    child = os.fork()
    if not child:
        os.close(reading)
        os.write(writing, json.dumps(report_of(command)).encode() + b"\n")
        os._exit(0)
    os.close(writing)
    moment = command.get("kill_after_seconds")
    said, ended = read_until(reading, started + (LONGEST_RUN_SECONDS if moment is None else moment))
    if not ended:
        os.kill(child, signal.SIGKILL)  # it has not been waited for yet, so the id is still its own
    os.close(reading)
    _, status = os.waitpid(child, 0)
    answer = {"killed": os.WIFSIGNALED(status), "seconds": time.monotonic() - started}
    return answer | (json.loads(said) if said.endswith(b"\n") else {})


def read_until(source: int, deadline: float) -> tuple[bytes, bool]:
    """Return what a child says until it ends or the deadline passes, and whether it has ended."""
    said = b""
    while select.select([source], [], [], max(0.0, deadline - time.monotonic()))[0]:
        part = os.read(source, 65536)
        if not part:
            return said, True
        said += part
    return said, False


def report_of(command: dict[str, Any]) -> dict[str, Any]:
    """Execute a task; return its result or its error, and what had to be imported for it."""
    before = set(sys.modules)  # modules imported since are listed in order: a package may have to be first
    os.environ.update(command["environment"])
    if command.get("slow_disk_seconds"):
        slow_down_the_disk(command["slow_disk_seconds"])
    module, _, name = command["operator"].partition(":")
    try:
        operator = getattr(importlib.import_module(module), name)(**command["arguments"])
        result = operator.execute({"ti": SimpleNamespace(**command["instance"], xcom_push=lambda **_: None)})
    except BaseException:  # noqa: BLE001 - reported to the test, which then fails
        return {"error": traceback.format_exc()}
    return {
        "result": result,
        "imported": [name for name in list(sys.modules) if name not in before and can_be_imported(name)],
    }


def can_be_imported(name: str) -> bool:
    """Tell whether a loaded module has a place to be found at: some are made up by others while they load."""
    spec = getattr(sys.modules[name], "__spec__", None)
    return spec is not None and spec.name == name and spec.origin is not None


def slow_down_the_disk(seconds: float) -> None:
    """Let files be written in slices with pauses: a write of microseconds would never be struck by chance."""
    from fsspec.implementations.local import LocalFileSystem

    open_file = LocalFileSystem.open

    def open_slowly(self: Any, path: str, mode: str = "rb", **options: Any) -> Any:
        file = open_file(self, path, mode, **options)
        if "w" in mode:
            file.write = lambda content: write_slowly(file.f, content, seconds)
        return file

    LocalFileSystem.open = open_slowly


def write_slowly(file: Any, content: bytes, seconds: float) -> int:
    """Write in slices that are seen at once by others."""
    size = -(-len(content) // SLICES)
    for start in range(0, len(content), size):
        file.write(content[start : start + size])
        file.flush()
        time.sleep(seconds / SLICES)
    return len(content)


if __name__ == "__main__":
    SevenTimeHook.clock = ImpatientClock()
    BaseHook.get_connection("any_database").get_hook()  # finds the providers
    serve(int(sys.argv[1]))
