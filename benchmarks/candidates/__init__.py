"""Candidates of the benchmarks, one module each.

``prepare(job)`` imports what the candidate needs and returns a function.
The function runs the job and returns the number of records for the user.
``NEEDS`` has the names of the required packages.
"""
