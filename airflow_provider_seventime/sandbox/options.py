"""How a sandbox is set up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from airflow_provider_seventime.sandbox.company import DEFAULT_API_KEY
from airflow_provider_seventime.sandbox.rate_limit import DEFAULT_LIMIT


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """How a sandbox is set up.

    :param seed: of the company; the same seed and day make the same one.
    :param today: the sandbox's first day, on which its clock starts at noon; None: now.
    :param api_key: the one key that is known.
    :param rate_limit: requests per second and key; 0: no limit.
    :param time_logs: number of seeded time logs, reaching back as far as it takes; None: three whole months and the
        current one.
    :param pay_after_seconds: customers pay so long after an invoice was sent; None: never.
    :param state_file: keeps the state over a restart; None: it is lost.
    :param monotonic: seconds that never go back: the ticking of the clock and the window of the rate limit.
    """

    seed: int = 7
    today: date | None = None
    api_key: str = field(default=DEFAULT_API_KEY, repr=False)
    rate_limit: int = DEFAULT_LIMIT
    time_logs: int | None = None
    pay_after_seconds: float | None = None
    state_file: Path | None = None
    monotonic: Callable[[], float] = time.monotonic
