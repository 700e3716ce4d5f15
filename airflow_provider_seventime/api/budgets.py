"""Which budget a connection's requests come out of."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from pathlib import Path

from airflow_provider_seventime.api.clock import Clock
from airflow_provider_seventime.api.pacing import SHARE_OF_LIMIT, Budget, MachineBudget, ProcessBudget
from airflow_provider_seventime.api.redis_pacing import RedisBudget
from airflow_provider_seventime.api.settings import Settings

_process_budgets: dict[tuple[str, float], ProcessBudget] = {}
_process_budgets_lock = threading.Lock()


def budget_for(settings: Settings, clock: Clock) -> Budget:
    """Return the budget of a connection's key; clients of the same key share it.

    :param settings: the connection.
    :param clock: the machine's clock.
    :raises ConfigError: the budget is kept in Redis, and the package for it is missing or the URL is wrong.
    """
    interval_seconds = 1.0 / (settings.requests_per_second * SHARE_OF_LIMIT)
    name = hashlib.sha256(f"seventime budget {settings.base_url} {settings.api_key}".encode()).hexdigest()[:24]
    if settings.pacing == "machine":
        folder = Path(tempfile.gettempdir()) / f"seventime-pacing-{os.getuid()}"
        return MachineBudget(folder / name, interval_seconds, clock)
    if settings.pacing != "process":
        return RedisBudget(settings.pacing, name, interval_seconds, clock)
    with _process_budgets_lock:
        return _process_budgets.setdefault((name, interval_seconds), ProcessBudget(interval_seconds, clock))
