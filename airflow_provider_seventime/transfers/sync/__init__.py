"""Sync of a collection into an SQL table."""
