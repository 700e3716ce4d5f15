"""The server as the benchmarks see it: started, told its conditions, asked what it counted."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

from benchmarks.server import CONDITIONS_PATH, COUNTS_PATH, Conditions, Counts

ROOT = Path(__file__).resolve().parents[1]
CONTROL_TIMEOUT_SECONDS = 30.0


class Service:
    """A server in a process of its own; a context manager.

    :param log: file for what it says.
    """

    def __init__(self, log: Path) -> None:
        self._log = log

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.server"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        port = self._process.stdout.readline().strip() if self._process.stdout else b""
        if not port:
            self.close()
            raise SystemExit(f"The benchmark's server did not start: see {self._log}")
        self.port = int(port)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server."""
        self._process.communicate()

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def set(self, conditions: Conditions) -> None:
        """Begin anew under these conditions."""
        self._ask("PUT", f"{CONDITIONS_PATH}?{urlencode({'conditions': json.dumps(asdict(conditions))})}")

    def counts(self) -> Counts:
        """Return what was asked since."""
        return Counts(**json.loads(self._ask("GET", COUNTS_PATH)))

    def _ask(self, method: str, target: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=CONTROL_TIMEOUT_SECONDS)
        try:
            connection.request(method, target)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status != http.HTTPStatus.OK:
            raise SystemExit(f"The benchmark's server answered {answer.status} to {method} {target}")
        return body
