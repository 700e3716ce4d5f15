"""Options of a sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from airflow_provider_seventime.sandbox.company import DEFAULT_API_KEY, DEFAULT_SEED
from airflow_provider_seventime.sandbox.rate_limit import DEFAULT_LIMIT


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """Options of a sandbox.

    :param seed: seed of the company. The same seed and day make the same company.
    :param today: first day of the sandbox; its clock starts at noon, Swedish time. None: the real time.
    :param api_key: the key that the sandbox accepts.
    :param rate_limit: requests per second and key; 0: no limit.
    :param time_logs: number of seeded time logs; more of them reach further back. None: those of three whole months and
        the current one.
    :param pay_after_seconds: seconds from the sending of an invoice to its payment, on the sandbox's clock; None:
        invoices are not paid.
    :param state_file: file that keeps the state over a restart; None: the state is lost.
    :param lenient: ignore unknown fields and query parameters, as many services do. False refuses them (400).
    :param irregular: add records with the shape of the vendor's samples to every collection: fields missing or null,
        HTML, numbers as text, time logs without customer or category. With ``time_logs`` no such time logs.
    :param monotonic: returns seconds that never decrease, for the clock and the rate limit.
    """

    seed: int = DEFAULT_SEED
    today: date | None = None
    api_key: str = field(default=DEFAULT_API_KEY, repr=False)
    rate_limit: int = DEFAULT_LIMIT
    time_logs: int | None = None
    pay_after_seconds: float | None = None
    state_file: Path | None = None
    lenient: bool = False
    irregular: bool = False
    monotonic: Callable[[], float] = time.monotonic
