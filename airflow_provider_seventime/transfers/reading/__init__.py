"""Plan and read of the records that a transfer moves."""
