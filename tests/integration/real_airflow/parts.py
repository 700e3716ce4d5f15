"""Processes that run side by side, each with a log, and end together with all that they have started."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

PATIENCE_SECONDS = 20.0
SHOWN_LINES = 40


class Parts:
    """The processes of a cluster by name.

    :param folder: for their logs.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a part."""
        with self._log(name).open("wb") as log:
            # A session of its own: Ctrl+C is for the one who ends them all.
            self._running[name] = subprocess.Popen(
                command, env=dict(environment), stdout=log, stderr=log, start_new_session=True
            )

    def finish(self, name: str) -> None:
        """Wait for the end of a part that ends by itself.

        :raises SystemExit: it failed; the end of its log is shown.
        """
        if self._running[name].wait():
            raise SystemExit(self._failure(name))
        del self._running[name]

    def check(self) -> None:
        """Look whether all parts run.

        :raises SystemExit: one has ended; the end of its log is shown.
        """
        for name, process in self._running.items():
            if process.poll() is not None:
                raise SystemExit(self._failure(name))

    def end(self) -> None:
        """End all parts; what does not end in time is killed."""
        parts = [psutil.Process(process.pid) for process in self._running.values() if process.poll() is None]
        # Airflow's tasks are in sessions of their own, and would go on after their worker.
        everyone = {*parts, *(child for part in parts for child in part.children(recursive=True))}
        for part in parts:
            part.terminate()
        _, left = psutil.wait_procs(everyone, PATIENCE_SECONDS)
        for straggler in left:
            with suppress(psutil.NoSuchProcess):
                straggler.kill()
        psutil.wait_procs(left, PATIENCE_SECONDS)
        for process in self._running.values():
            process.wait()
        self._running.clear()

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _failure(self, name: str) -> str:
        lines = self._log(name).read_text(errors="replace").splitlines()[-SHOWN_LINES:]
        return "\n".join([*lines, "", f"Airflow's {name} has ended: see above."])
