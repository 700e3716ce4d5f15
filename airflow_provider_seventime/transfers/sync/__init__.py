"""A collection copied into an SQL table."""
