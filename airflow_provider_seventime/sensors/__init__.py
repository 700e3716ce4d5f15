"""Sensors: wait until a record has a status, or until a field of it has a value."""
