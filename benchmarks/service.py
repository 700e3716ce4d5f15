"""Client of the benchmarks' server: start it, set its conditions, read its counts."""

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
    """Context manager that runs the server in a process.

    :param log: file for its log.
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
            raise SystemExit(f"The server of the benchmarks did not start. See {self._log}.")
        self.port = int(port)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the server."""
        self._process.communicate()

    @property
    def base_url(self) -> str:
        """Base URL of the server."""
        return f"http://127.0.0.1:{self.port}"

    def set(self, conditions: Conditions) -> None:
        """Set the conditions, and reset the counts."""
        self._request("PUT", f"{CONDITIONS_PATH}?{urlencode({'conditions': json.dumps(asdict(conditions))})}")

    def counts(self) -> Counts:
        """Return the counts since the conditions were set."""
        return Counts(**json.loads(self._request("GET", COUNTS_PATH)))

    def _request(self, method: str, target: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=CONTROL_TIMEOUT_SECONDS)
        try:
            connection.request(method, target)
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        if response.status != http.HTTPStatus.OK:
            raise SystemExit(f"The server of the benchmarks returned {response.status} for {method} {target}.")
        return body
