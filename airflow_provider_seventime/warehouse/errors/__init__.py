"""Errors of a database as errors of this package."""
