"""The name of a machine that is only played: Airflow asks for it where two workers stand on one real machine."""

from __future__ import annotations

import os

MACHINE = "SEVENTIME_BACKFILL_MACHINE"


def name() -> str:
    """Return the machine's name, as ``[core] hostname_callable`` is to."""
    return os.environ[MACHINE]
