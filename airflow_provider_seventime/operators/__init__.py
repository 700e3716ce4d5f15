"""Operators: one task, one write or one sync."""
