"""Triggers: deferred waiting of the sensors, in the triggerer."""
