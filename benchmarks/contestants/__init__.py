"""The contestants: each module reads a list its own way.

``prepare(job)`` loads what is needed and returns the function that does the work and returns the number of records that
the user gets. ``NEEDS`` names the packages that must be there.
"""
