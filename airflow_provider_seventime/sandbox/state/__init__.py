"""State of the sandbox: records, clock and journal, and the queries on the records."""
