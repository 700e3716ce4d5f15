"""What a contestant is asked to do, and what came of it: plain values that travel between processes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Self

CONNECTION = "bench"
"""The Airflow connection that a contestant's process finds."""
WAREHOUSE = "bench_warehouse"
"""The Airflow connection of the database, where the job has one."""
LIMIT = 4
"""Requests a second that Seven Time allows."""
UNLIMITED = 10_000
"""The budget for a server without a limit."""


@dataclass(frozen=True, slots=True)
class Job:
    """A list to read.

    :param contestant: module of ``benchmarks.contestants``.
    :param base_url: the server.
    :param key: the API key.
    :param records: length of the list.
    :param page_size: records a page.
    :param connections: how many the floor opens; the contestants decide that themselves.
    :param requests_per_second: budget of the key, for those that keep one.
    :param pacing: who shares that budget.
    :param output: file or folder for JSON Lines; None: the records are counted.
    :param database: name in ``benchmarks.databases``; None: none is needed.
    :param again: the table holds the same rows already.
    """

    contestant: str
    base_url: str
    key: str
    records: int
    page_size: int = 500
    connections: int = 1
    requests_per_second: int = LIMIT
    pacing: str = "machine"
    output: str | None = None
    database: str | None = None
    again: bool = False

    @property
    def pages(self) -> int:
        """Pages of the list."""
        return -(-self.records // self.page_size)

    def to_json(self) -> str:
        """Return the job as one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a job."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Result:
    """What one process did.

    :param started: seconds of the monotonic clock, which all processes of a machine share.
    :param ended: the same.
    :param cpu_seconds: user and system, beyond what Airflow had cost before.
    :param peak_bytes: the highest memory, beyond the highest that Airflow had needed before.
    :param rows: records that the user gets; None: they were thrown away.
    """

    started: float
    ended: float
    cpu_seconds: float
    peak_bytes: int
    rows: int | None

    def to_json(self) -> str:
        """Return the result as one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a result."""
        return cls(**json.loads(text))
