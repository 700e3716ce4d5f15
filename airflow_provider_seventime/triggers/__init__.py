"""Triggers: what sensors wait with in the triggerer."""
