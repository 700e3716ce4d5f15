"""Processes of a local Airflow: each with a log file, and all of them ended together."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

# Long enough for Airflow's processes to end by themselves, short enough for a person who waits.
STOP_SECONDS = 3.0
KILL_SECONDS = 2.0
LOG_LINES_SHOWN = 20
PR_SET_CHILD_SUBREAPER = 36


class ProcessEndedError(Exception):
    """A process that should run has ended, or a command failed. The message has the end of its log."""


class Processes:
    """Processes with a log file each, and everything that they start.

    :param logs: folder of the log files.
    :param environment: their environment variables.
    :param stop_seconds: time to end by themselves before they are killed. Defaults to 3.
    """

    def __init__(self, logs: Path, environment: Mapping[str, str], stop_seconds: float = STOP_SECONDS) -> None:
        self.logs = logs
        self._environment = dict(environment)
        self._stop_seconds = stop_seconds
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        adopt_orphans()

    def start(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start a process in a session of its own, so that Ctrl+C reaches this script alone.

        :param name: name of the log file, without its suffix.
        :param command: program and arguments.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        with self._log(name).open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own commands
                command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running[name] = process
        return process

    def run(self, commands: Mapping[str, Sequence[str]]) -> None:
        """Run commands at the same time, and wait for the end of each.

        :param commands: name of the log file, without its suffix, to program and arguments.
        :raises ProcessEndedError: one failed.
        """
        for name, process in [(name, self.start(name, command)) for name, command in commands.items()]:
            code = process.wait()
            del self._running[name]
            if code:
                raise ProcessEndedError(self._message(name, code))

    def check(self) -> None:
        """Raise an error if a process has ended.

        :raises ProcessEndedError: one has.
        """
        for name, process in self._running.items():
            code = process.poll()
            if code is not None:
                raise ProcessEndedError(self._message(name, code))

    def stop(self) -> None:
        """End every process, also those that they started. What does not end by itself is killed."""
        family = psutil.Process().children(recursive=True)
        for process in self._running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        _, alive = psutil.wait_procs(family, self._stop_seconds)
        # Killing a process shows this script the children that it had in sessions of their own.
        while alive := [*{*alive, *psutil.Process().children(recursive=True)}]:
            for process_left in alive:
                kill(process_left)
            _, alive = psutil.wait_procs(alive, KILL_SECONDS)
        for process in self._running.values():
            process.wait()
        self._running.clear()

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _message(self, name: str, code: int) -> str:
        log = self._log(name)
        tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES_SHOWN:])
        return f"{tail}\n\n{name} ended with exit code {code}.\nThe whole log is {log}"


def kill(process: psutil.Process) -> None:
    """Kill a process that may have ended."""
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


def adopt_orphans() -> None:
    """Make processes whose parent ends children of this one, so that none is lost. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
