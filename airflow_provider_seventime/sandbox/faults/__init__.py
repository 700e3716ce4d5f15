"""Faults that a test orders from the sandbox."""
