"""Records of the sandbox, their queries, clock and journal."""
