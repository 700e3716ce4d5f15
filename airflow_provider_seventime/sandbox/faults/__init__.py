"""Injected faults: error responses, closed connections, outages, slow responses and stale reads."""
