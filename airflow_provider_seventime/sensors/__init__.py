"""Sensors: wait until a record has a status."""
