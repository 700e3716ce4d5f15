"""Task state store of Airflow 3.3."""

from __future__ import annotations


class StateStore:
    """Airflow's task_state_store: JSON values by key, for one task instance of one run."""

    def __init__(self):
        self.held = {}
        self.written = []

    def get(self, key, default=None):
        return self.held.get(key, default)

    def set(self, key, value):
        self.written.append(value)
        self.held[key] = value

    def delete(self, key):
        del self.held[key]

    def forget_ids(self):
        """Put the store into the state after a try that was killed before it noted its record."""
        self.held = {
            key: {name: part for name, part in value.items() if name != "_id"} for key, value in self.held.items()
        }
