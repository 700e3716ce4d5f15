"""Errors of the database, as errors of this package."""
