"""Rows written and removed, per database."""
