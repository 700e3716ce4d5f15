"""Faults of every kind at once, a third of all answers bad, and a clock that makes the waits short."""

from __future__ import annotations

import time
from typing import Any

from airflow_provider_seventime.sandbox.server import SandboxServer

BAD_SHARE = 1 / 3
# Real seconds per second that the client waits: enough for a port that refuses to come back.
HASTE = 0.0015

KINDS: tuple[dict[str, Any], ...] = (
    {"kind": "refuse", "seconds": 0.008},
    {"kind": "reset", "when": "before"},
    {"kind": "reset", "when": "after"},
    {"kind": "delay", "seconds": 0.01},
    {"kind": "delay", "seconds": 0.1, "when": "after"},
    {"kind": "trickle", "seconds": 0.01},
    {"kind": "trickle", "seconds": 0.4},
    {"kind": "status", "status": 429, "retry_after": 2},
    {"kind": "status", "status": 429},
    {"kind": "status", "status": 503, "when": "before"},
    {"kind": "status", "status": 500, "when": "before"},
    {"kind": "status", "status": 502, "when": "after"},
    {"kind": "cut_json"},
    {"kind": "html", "when": "before"},
    {"kind": "html", "when": "after"},
    {"kind": "redirect", "when": "before"},
    {"kind": "stale", "seconds": 2.0},
    {"kind": "moved", "by": 1},
)

# What makes the longer delay and the longer trickle a lost answer, while the shorter ones arrive.
IMPATIENCE = {"read_timeout_seconds": 0.06, "request_timeout_seconds": 0.12}


def storm(seed: int) -> list[dict[str, Any]]:
    """Return the faults of a storm: each kind as likely as the other, a third of all requests struck."""
    # The first that strikes has the request alone, so the chances of being spared multiply.
    each = 1 - (1 - BAD_SHARE) ** (1 / len(KINDS))
    return [
        {**kind, "times": None, "probability": each, "seed": seed * 1000 + number} for number, kind in enumerate(KINDS)
    ]


class HastyClock:
    """The client's clock: its waits pass on the sandbox's clock too, and take a fraction of their time."""

    def __init__(self, sandbox: SandboxServer) -> None:
        self._sandbox = sandbox
        self._now = 1000.0

    def monotonic(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds
        self._sandbox.advance(seconds)
        time.sleep(seconds * HASTE)
