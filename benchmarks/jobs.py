"""Jobs of candidates and their results, as JSON for other processes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Self

CONNECTION = "bench"
"""Airflow connection to the server, in the process of a candidate."""
WAREHOUSE = "bench_warehouse"
"""Airflow connection to the database, if the job has one."""
LIMIT = 4
"""Requests per second that Seven Time allows."""
UNLIMITED = 10_000
"""Requests per second for a server without a limit."""


@dataclass(frozen=True, slots=True)
class Job:
    """A list to read, or records to create.

    :param candidate: module of ``benchmarks.candidates``.
    :param base_url: base URL of the server.
    :param key: API key.
    :param records: number of records in the list, or to create.
    :param page_size: records per page.
    :param connections: number of connections of ``floor``; the other candidates choose themselves.
    :param requests_per_second: rate limit for candidates that have one.
    :param pacing: ``pacing`` of the provider's connection: scope of the rate limit.
    :param output: file or folder for JSON Lines; None: the records are only counted.
    :param database: name in ``benchmarks.databases``; None: the job uses no database.
    :param again: write the rows once before the measurement, so that the measured run changes nothing.
    :param with_note: create records with a reference, and so with a note. Without: the records have no reference.
    """

    candidate: str
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
    with_note: bool = False

    @property
    def pages(self) -> int:
        """Number of pages of the list."""
        return -(-self.records // self.page_size)

    def to_json(self) -> str:
        """Return the job as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the job of a line of JSON."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Result:
    """Result of one process.

    :param started: start in seconds on the monotonic clock, which all processes of a machine share.
    :param ended: end on the same clock.
    :param cpu_seconds: user and system time, without that of importing Airflow.
    :param peak_bytes: growth of the peak memory after the import of Airflow.
    :param rows: number of records for the user; None: the records were discarded.
    """

    started: float
    ended: float
    cpu_seconds: float
    peak_bytes: int
    rows: int | None

    def to_json(self) -> str:
        """Return the result as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the result of a line of JSON."""
        return cls(**json.loads(text))
