"""Benchmarks: this provider compared with the tools that a user would choose instead."""
