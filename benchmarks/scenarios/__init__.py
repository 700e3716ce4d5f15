"""The scenarios: each module runs its contestants and returns its tables."""
