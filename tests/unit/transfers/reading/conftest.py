"""Fixtures of the sync tests that the read tests use too."""

from __future__ import annotations

from tests.unit.transfers.sync.conftest import account, seventime_sandbox_options, time_log

__all__ = ["account", "seventime_sandbox_options", "time_log"]
