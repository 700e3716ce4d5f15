"""Scenarios of the benchmarks. Each module measures its candidates and returns its tables."""
